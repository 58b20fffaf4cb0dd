using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.OpenApi;

namespace WickrGateway.Tests;

/// <summary>The workbench of a developer: options, two callers, a page with the key filled in, and lines that a person can read.</summary>
public sealed class DevHostTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Time = @"\d\d:\d\d:\d\d";

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--gateway-port=9080", "--help")]
    public async Task Help_is_asked_for_Prints_the_usage_and_succeeds(params string[] arguments)
    {
        var (exitCode, output, error) = await DevHostProcess.RunAsync(arguments);

        Assert.Equal((0, ""), (exitCode, error));
        foreach (var option in (string[])["--gateway-port", "--simulator-port", "--Simulator:Networks:12345678"])
            Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no option --gatewayport.", "--gatewayport=9080")]
    [InlineData("There is no option --PathBse.", "--PathBse=/wickr")]
    [InlineData("There is no option --urls.", "--urls=http://localhost:5")]
    [InlineData("--gateway-port has no value.", "--gateway-port")]
    [InlineData("--RateLimit:Burst has no value.", "--RateLimit:Burst")]
    [InlineData("--simulator-port must be a number from 1 to 65535.", "--simulator-port", "99999")]
    [InlineData("The two ports must be different.", "--simulator-port", "8080")]
    [InlineData("Argument 1 is not an option.", "hush-hush")]
    [InlineData("Argument 3 is not an option.", "--RateLimit:Burst", "5", "RateLimit:Burst=hush-hush")]
    public async Task Option_is_not_understood_Says_which_with_the_usage(string message, params string[] arguments)
    {
        var (exitCode, output, error) = await DevHostProcess.RunAsync(arguments);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"{message}{Environment.NewLine}", error, StringComparison.Ordinal);
        Assert.Contains("usage: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RateLimit:Burst", "hush-hush")]
    [InlineData("RateLimits:Burst", "5")]
    [InlineData("Audit:Path", "/no-such-directory/audit.jsonl")]
    [InlineData("Kestrel:Endpoints:Http:Url", "localhost:5")]
    [InlineData("Simulator:Networks:1234567", "5")]
    [InlineData("Simulator:Networks:12345678", "hush-hush")]
    [InlineData("Simulator:Network", "12345678")]
    public async Task Setting_is_bad_Is_one_message_with_its_key(string key, string value)
    {
        var (exitCode, _, error) = await DevHostProcess.RunAsync($"--gateway-port={DevHostProcess.FreePort()}", $"--simulator-port={DevHostProcess.FreePort()}", $"--{key}", value);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"  {key}: ", Assert.Single(error.TrimEnd().Split(Environment.NewLine)[1..]), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_networks_and_730_users_Can_be_tried_out_by_the_demo_caller_and_partly_by_the_other()
    {
        await using var host = await DevHostProcess.StartAsync(
            terminal: false, "--Simulator:Networks:12345678=730", "--Simulator:Networks:22222222", "5", "--Simulator:Networks:33333333=6", "--Simulator:Region=eu-central-1", "--RateLimit:Burst", "5");

        Assert.Equal(200, await host.ChangeAsync("12345678", DevHostProcess.ApiKey, suspend: true, "730"));
        Assert.Equal(200, await host.ChangeAsync("22222222", DevHostProcess.ApiKey, suspend: true, "5"));
        Assert.Equal(200, await host.ChangeAsync("33333333", DevHostProcess.ApiKey, suspend: false, "6"));
        Assert.Equal(200, await host.ChangeAsync("12345678", DevHostProcess.SuspendOnlyApiKey, suspend: true, "1"));
        Assert.Equal(403, await host.ChangeAsync("12345678", DevHostProcess.SuspendOnlyApiKey, suspend: false, "1"));
        Assert.Equal(403, await host.ChangeAsync("22222222", DevHostProcess.SuspendOnlyApiKey, suspend: true, "1"));

        // Not a terminal: every line but the welcome text is JSON. One object for each audit line of a call that succeeds.
        await HttpClientExtensions.UntilAsync(() => JsonLines(host.Output).Count(line => line.TryGetProperty("event", out var name) && name.GetString() == "completed") == 6);
        Assert.Contains("burst of 5", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_networks_with_two_roles_in_two_regions_Are_called_with_sessions_named_after_the_caller()
    {
        await using var host = await DevHostProcess.StartAsync(
            terminal: false, "--Simulator:Region=us-east-1,eu-central-1", "--Simulator:Networks:12345678=5", "--Simulator:Networks:22222222=5",
            "--Simulator:Roles:0:Arn=arn:aws:iam::111122223333:role/wickr", "--Simulator:Roles:0:Networks:0=12345678",
            "--Simulator:Roles:1:Arn=arn:aws:iam::444455556666:role/wickr", "--Simulator:Roles:1:Networks:0=22222222", "--Simulator:Roles:1:ExternalId=agreed",
            "--Wickr:Networks:22222222:Region=eu-central-1");

        Assert.Equal(200, await host.ChangeAsync("12345678", DevHostProcess.ApiKey, suspend: true, "1"));
        Assert.Equal(200, await host.ChangeAsync("22222222", DevHostProcess.ApiKey, suspend: true, "1"));

        using var client = new HttpClient { BaseAddress = host.Simulator };
        var requests = JsonDocument.Parse(await client.GetStringAsync("/_simulator/requests")).RootElement.GetProperty("requests").EnumerateArray();
        Assert.Equal([("demo", "us-east-1"), ("demo", "eu-central-1")], requests.Select(request => (request.GetProperty("sessionName").GetString(), request.GetProperty("region").GetString())));
    }

    [Fact]
    public async Task Output_is_a_terminal_Has_one_readable_line_for_each_request_and_no_JSON()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script, which makes a terminal, is not installed");
        await using var host = await DevHostProcess.StartAsync(terminal: true, "--RateLimit:Burst=4", "--Auth:Callers:keyless:Networks:0=12345678");

        await host.ChangeAsync("12345678", DevHostProcess.ApiKey, suspend: true, "1", "2");
        await host.ChangeAsync("12345678", DevHostProcess.ApiKey, suspend: false, "1", "101");
        await host.ChangeAsync("12345678", DevHostProcess.ApiKey, suspend: true, "x");
        await host.ChangeAsync("12345678", DevHostProcess.SuspendOnlyApiKey, suspend: false, "1");
        await host.ChangeAsync("12345678", "wrong", suspend: false, "1");
        using (var client = new HttpClient { BaseAddress = host.Gateway, DefaultRequestHeaders = { { "X-Api-Key", DevHostProcess.ApiKey } } })
        {
            (await client.PostAsync("/networks/12345678/users/suspend-status/bulk", Json.Body("""{"suspend":true,"userIds":["1","101"]}"""))).Dispose();
            (await client.GetAsync("/no-such-path")).Dispose();
        }

        await HttpClientExtensions.UntilAsync(() => host.Output.Contains("GET (no route)", StringComparison.Ordinal));
        var lines = host.Output.Split('\n', StringSplitOptions.TrimEntries).Where(line => Regex.IsMatch(line, $"^{Time}  ", RegexOptions.None, TimeSpan.FromSeconds(1))).ToList();
        Assert.Collection(
            lines.Where(line => !line.Contains("  warning  ", StringComparison.Ordinal)),
            line => Assert.Matches($@"^{Time}  demo  suspend 2 users in 12345678  ->  200, 2 successful, 0 failed  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  demo  unsuspend 2 users in 12345678  ->  200, 1 successful, 1 failed  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  demo  request in 12345678  ->  400 invalid-request  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  demo-suspend-only  unsuspend 1 user in 12345678  ->  403 forbidden, not-applied  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  -  request in 12345678  ->  401 unauthenticated  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  demo  suspend 2 users in 12345678, batch 1 of 1  ->  200, 1 successful, 1 failed  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  demo  suspend 2 users in 12345678  ->  200, all batches: 1 successful, 1 failed, 0 unknown, 0 not sent  \(\d+ ms\)$", line),
            line => Assert.Matches($@"^{Time}  -  GET \(no route\)  ->  404 not-found  \(\d+ ms\)$", line));
        Assert.Contains(lines, line => line.Contains("  warning  ", StringComparison.Ordinal) && line.Contains("keyless", StringComparison.Ordinal) && line.Length < 200);
        Assert.DoesNotContain("{\"time\"", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_Has_the_demo_key_filled_in_and_says_so()
    {
        await using var browser = await chromium.OpenAsync(390, 844);
        await using var host = await DevHostProcess.StartAsync(terminal: false);
        await browser.Page.GotoAsync(new Uri(host.Gateway, "/swagger").AbsoluteUri);

        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Note)).ToHaveTextAsync($"This is a demo: the API key {DevHostProcess.ApiKey} is filled in.");
        await Assertions.Expect(browser.Page.Locator(".scheme-container .authorize.locked")).ToBeVisibleAsync();
        await browser.Page.Locator(".opblock").First.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Assertions.Expect(browser.Page.Locator(".live-responses-table").First).ToContainTextAsync("200");
        Assert.Empty(browser.Errors("none"));
    }

    [Fact]
    public async Task Gateway_itself_Has_no_demo_key_on_its_page()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = new HttpClient { BaseAddress = gateway.Address };

        Assert.DoesNotContain("demo", await client.GetStringAsync("/swagger/index.html"), StringComparison.Ordinal);
        using var script = await client.GetAsync("/swagger/demo-key.js");
        Assert.Equal(404, (int)script.StatusCode);
    }

    private static IEnumerable<JsonElement> JsonLines(string output) =>
        output.Split('\n').Where(line => line.StartsWith('{') && line.EndsWith('}')).Select(line => JsonDocument.Parse(line).RootElement);
}
