using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Keys and grants follow the callers file while the gateway runs.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("callers");
    private readonly ScriptedUpstream _wickr = new();

    private string FilePath => Path.Combine(_directory.FullName, "callers.json");

    public ValueTask InitializeAsync()
    {
        for (var answer = 0; answer < 20_000; answer++)
            _wickr.Then(200, GatewayFixture.Success);

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_key_and_its_successor_Are_valid_at_once_and_the_old_one_ends_when_it_is_taken_out()
    {
        Write(Callers(("rotating", ["old-key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "old-key"));

        Write(Callers(("rotating", ["old-key", "new-key"], ["suspend"])));
        await UntilAsync(gateway, "new-key", 200);
        Assert.Equal(200, await StatusAsync(gateway, "old-key"));

        Write(Callers(("rotating", ["new-key"], ["suspend"])));
        await UntilAsync(gateway, "old-key", 401);
        Assert.Equal(200, await StatusAsync(gateway, "new-key"));
    }

    [Fact]
    public async Task A_caller_whose_keys_are_emptied_Loses_access_also_when_the_settings_had_one()
    {
        Write(Callers(("limited", ["file-key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "file-key"));
        Assert.Equal(401, await StatusAsync(gateway, GatewayHost.LimitedKey));

        Write(Callers(("limited", [], ["suspend"])));

        await UntilAsync(gateway, "file-key", 401);
        Assert.Equal(200, await StatusAsync(gateway, GatewayHost.AllPowerfulKey));
    }

    [Fact]
    public async Task A_grant_that_is_taken_out_Ends()
    {
        Write(Callers(("a", ["key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "key"));

        Write(Callers(("a", ["key"], [])));

        await UntilAsync(gateway, "key", 403);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"Callers":{"a":{"Networks":["1234567"]}}}""")]
    [InlineData("""{"Callers":{"a":{"Network":["12345678"]}}}""")]
    [InlineData("""{"Callers":{"a":{"Actions":"suspend"}}}""")]
    [InlineData("""{"Callers":{"a":{"ApiKeySha256":["the-key-itself"]}}}""")]
    [InlineData("""{"Callers":{"a":{},"a":{}}}""")]
    [InlineData("""{"Callers":{"a":{"Subjects":["\ud800"]}}}""")]
    [InlineData("""{"Callers":{"\ud800":{}}}""")]
    [InlineData(null)]
    public async Task A_change_with_a_mistake_Keeps_the_last_good_callers_until_it_is_mended(string? mistake)
    {
        Write(Callers(("a", ["key"], ["suspend"])));
        await using var gateway = await ProcessAsync();
        Assert.Equal(200, await StatusAsync(gateway.Address, "key"));

        if (mistake is null)
            File.Delete(FilePath);
        else
            Write(mistake);

        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("the last valid one stays in use", StringComparison.Ordinal));
        Assert.Equal(200, await StatusAsync(gateway.Address, "key"));
        Assert.DoesNotContain("the-key-itself", gateway.Output, StringComparison.Ordinal);

        Write(Callers(("a", ["mended"], ["suspend"])));
        await HttpClientExtensions.UntilAsync(() => StatusAsync(gateway.Address, "mended").GetAwaiter().GetResult() == 200);
    }

    [Fact]
    public async Task A_swap_of_symbolic_links_as_Kubernetes_does_it_Is_seen()
    {
        Mount("first", Callers(("a", ["first-key"], ["suspend"])));
        File.CreateSymbolicLink(FilePath, "..data/callers.json");
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "first-key"));

        Mount("second", Callers(("a", ["second-key"], ["suspend"])));

        await UntilAsync(gateway, "second-key", 200);
        Assert.Equal(401, await StatusAsync(gateway, "first-key"));
    }

    [Fact]
    public async Task While_keys_and_grants_change_under_load_No_request_of_a_good_caller_fails()
    {
        Write(Callers(("steady", ["steady-key"], ["suspend"])));
        await using var gateway = Start();
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(async _ =>
        {
            using var client = gateway.Client("steady-key");
            var calls = 0;
            for (; !stop.IsCancellationRequested && calls < 4000; calls++)
                Assert.Equal("200", (await client.SuspendAsync()).Summary);

            return calls;
        }).ToList();

        for (var round = 0; round < 4; round++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"key-{round}");
            Write(Callers(("steady", ["steady-key", $"steady-{round}"], ["suspend"]), ("other", [key], round % 2 == 0 ? ["suspend"] : [])));
            await UntilAsync(gateway, key, round % 2 == 0 ? 200 : 403);
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(load)).Sum() > 100);
    }

    [Fact]
    public async Task Ten_thousand_callers_Are_read_and_found()
    {
        Write(Callers([.. Enumerable.Range(0, 10_000).Select(number => ($"caller-{number}", (string[])[$"key-{number}"], (string[])["suspend"]))]));

        await using var gateway = Start();

        Assert.Equal(200, await StatusAsync(gateway, "key-0"));
        Assert.Equal(200, await StatusAsync(gateway, "key-9999"));
        Assert.Equal(401, await StatusAsync(gateway, "key-10000"));
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("""{"OpenApi":{"SwaggerUi":"true","swaggerUi":"true"}}""")]
    public async Task A_change_of_appsettings_json_Is_followed_and_a_broken_one_is_not(string broken)
    {
        // A program directory of its own, since the settings file lies beside the program.
        var program = _directory.CreateSubdirectory("program");
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith("WickrGateway", StringComparison.Ordinal))
                File.Copy(file, Path.Combine(program.FullName, name));
            else
                File.CreateSymbolicLink(Path.Combine(program.FullName, name), file);
        }

        var settings = Path.Combine(program.FullName, "appsettings.json");
        var original = File.ReadAllText(settings);
        File.Delete(settings);
        void Set(string key) => File.WriteAllText(settings, original.Replace("\"Callers\": {}", $"\"Callers\": {Callers(("a", [key], ["suspend"]))[11..^1]}", StringComparison.Ordinal));
        Set("first-key");
        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, program.FullName, null);
        Assert.Equal(200, await StatusAsync(gateway.Address, "first-key"));

        Set("second-key");
        await HttpClientExtensions.UntilAsync(() => StatusAsync(gateway.Address, "second-key").GetAwaiter().GetResult() == 200);
        Assert.Equal(401, await StatusAsync(gateway.Address, "first-key"));

        File.WriteAllText(settings, broken);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("the last valid one stays in use", StringComparison.Ordinal));
        Assert.Equal(200, await StatusAsync(gateway.Address, "second-key"));
    }

    private static string Callers(params (string Name, string[] Keys, string[] Actions)[] callers) => new StringBuilder("{\"Callers\":")
        .Append(JsonSerializer.Serialize(callers.ToDictionary(caller => caller.Name, caller => new
        {
            ApiKeySha256 = caller.Keys.Select(GatewayHost.Sha256),
            Networks = (string[])["12345678"],
            caller.Actions,
        })))
        .Append('}').ToString();

    private void Mount(string name, string callers)
    {
        var version = _directory.CreateSubdirectory($"..{name}");
        File.WriteAllText(Path.Combine(version.FullName, "callers.json"), callers);
        var next = Path.Combine(_directory.FullName, "..data_tmp");
        File.CreateSymbolicLink(next, version.Name);
        // The one rename that swaps a link to a directory; .NET has none.
        using var move = Process.Start("mv", ["-T", next, Path.Combine(_directory.FullName, "..data")]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    private void Write(string content)
    {
        // As careful editors do: whole, in one step.
        var next = $"{FilePath}.next";
        File.WriteAllText(next, content);
        File.Move(next, FilePath, overwrite: true);
    }

    private GatewayHost Start() => GatewayHost.Start(_wickr.Address, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Auth:CallersFile"] = FilePath });

    private Task<GatewayProcess> ProcessAsync() => GatewayProcess.StartAsync(_wickr.Address, environment: null, $"--Auth:CallersFile={FilePath}");

    private static Task<int> StatusAsync(GatewayHost gateway, string key) => StatusAsync(gateway.Address, key);

    private static async Task<int> StatusAsync(Uri gateway, string key)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        return (int)(await client.SuspendAsync()).Status;
    }

    private static Task UntilAsync(GatewayHost gateway, string key, int status) =>
        HttpClientExtensions.UntilAsync(() => StatusAsync(gateway, key).GetAwaiter().GetResult() == status);
}
