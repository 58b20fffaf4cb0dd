using System.Net;
using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>A start with invalid settings fails immediately and reports every error under its key.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Auth:Callers:app:ApiKeySha256:0", "the-key-itself")]
    [InlineData("Auth:Callers:app:Networks:0", "1234567")]
    [InlineData("Auth:Callers:app:Actions:0", "delete")]
    [InlineData("Auth:Callers:app:Secret", "hush-hush")]
    [InlineData("Wickr:Region", "nowhere")]
    [InlineData("Wickr:Endpoint", "http://user:hush-hush@wickr")]
    [InlineData("Wickr:UseFips", "perhaps")]
    [InlineData("Wickr:MaxAttempts", "eleven")]
    [InlineData("Wickr:AttemptTimeout", "5")]
    [InlineData("Wickr:TotalTimeout", "1.00:00:00")]
    [InlineData("Wickr:AttemptTimeOut", "2562047:47:17")]
    [InlineData("Wickr:Timeout", "00:00:05")]
    [InlineData("OpenApi:SwaggerUi", "maybe")]
    public async Task Invalid_setting_Ends_the_start_with_its_key_and_not_its_value(string key, string value)
    {
        await using var gateway = GatewayProcess.Start(new Dictionary<string, string>(Settings(), StringComparer.OrdinalIgnoreCase) { [key] = value });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.TrimStart().StartsWith($"{key}: ", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(gateway.StandardError.Concat(gateway.StandardOutput), line => line.Contains(value.Split('@')[0], StringComparison.Ordinal) && value.Length > 5);
        AssertShort(gateway);
    }

    [Fact]
    public async Task Several_settings_are_invalid_All_are_reported()
    {
        await using var gateway = GatewayProcess.Start(new()
        {
            ["Auth:Callers:app:ApiKeySha256:0"] = "not-a-hash",
            ["Auth:Callers:app:Networks:0"] = "all",
            ["Wickr:MaxAttempts"] = "0",
            ["Wickr:TotalTimeout"] = "20",
        });

        Assert.Equal(1, await gateway.ExitAsync());
        foreach (var key in (string[])["Auth:Callers:app:ApiKeySha256:0", "Auth:Callers:app:Networks:0", "Wickr:Region", "Wickr:MaxAttempts", "Wickr:TotalTimeout"])
            Assert.Contains(gateway.StandardError, line => line.Contains($"{key}: ", StringComparison.Ordinal));

        AssertShort(gateway);
    }

    [Fact]
    public async Task No_caller_is_configured_Start_fails()
    {
        await using var gateway = GatewayProcess.Start(new() { ["Wickr:Region"] = "us-east-1" });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.Contains("Auth:Callers: ", StringComparison.Ordinal));
        AssertShort(gateway);
    }

    [Fact]
    public async Task Port_is_in_use_Reports_one_line_with_the_option_that_changes_it()
    {
        var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;

        await using var gateway = GatewayProcess.Start(Settings(), [$"--urls=http://127.0.0.1:{port}"]);

        Assert.Equal(1, await gateway.ExitAsync());
        var line = Assert.Single(gateway.StandardError);
        Assert.Contains($"{port}", line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
        AssertShort(gateway);
        busy.Stop();
    }

    [Fact]
    public async Task Any_working_directory_Settings_file_is_found()
    {
        // A copy of the program whose settings file has everything; no other settings are given.
        var copy = Directory.CreateTempSubdirectory("gateway-test-");
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));

        var settings = Path.Combine(copy.FullName, "appsettings.json");
        var text = await File.ReadAllTextAsync(settings);
        text = text.Replace("\"Callers\": {}", $$"""
            "Callers": { "app": { "ApiKeySha256": ["{{GatewayHost.Sha256("k")}}"], "Networks": ["*"], "Actions": ["suspend"] } }
            """, StringComparison.Ordinal).Replace("\"Region\": null", "\"Region\": \"us-east-1\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(settings, text);
        try
        {
            await using var gateway = GatewayProcess.Start(new() { ["urls"] = "http://127.0.0.1:0" }, program: copy.FullName, workingDirectory: "/");
            using var client = new HttpClient { BaseAddress = await gateway.ListeningAsync() };

            using var response = await client.GetAsync("/healthz");

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Command_line_Overrides_the_environment()
    {
        await using var gateway = GatewayProcess.Start(new(Settings()) { ["Wickr:MaxAttempts"] = "eleven", ["urls"] = "http://127.0.0.1:0" }, ["--Wickr:MaxAttempts=1"]);

        Assert.Equal("127.0.0.1", (await gateway.ListeningAsync()).Host);
    }

    private static Dictionary<string, string> Settings() => new()
    {
        ["Wickr:Region"] = "us-east-1",
        ["Auth:Callers:app:ApiKeySha256:0"] = GatewayHost.Sha256("k"),
        ["Auth:Callers:app:Networks:0"] = "*",
        ["Auth:Callers:app:Actions:0"] = "suspend",
        ["urls"] = "http://127.0.0.1:0",
    };

    private static void AssertShort(GatewayProcess gateway)
    {
        Assert.InRange(gateway.StandardError.Count, 1, 12);
        Assert.All(gateway.StandardError, line => Assert.InRange(line.Length, 1, 300));
        Assert.DoesNotContain(gateway.StandardError.Concat(gateway.StandardOutput), line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }
}
