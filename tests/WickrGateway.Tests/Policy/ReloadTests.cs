using System.Diagnostics;
using System.Globalization;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Keys and grants follow the callers file while the gateway runs.</summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly CallersFile _file = new();
    private readonly ScriptedUpstream _wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task Key_is_rotated_Both_are_valid_until_the_old_one_is_removed()
    {
        _file.Write(CallersFile.Json(("rotating", ["old-key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "old-key"));

        _file.Write(CallersFile.Json(("rotating", ["old-key", "new-key"], ["suspend"])));
        await UntilAsync(gateway, "new-key", 200);
        Assert.Equal(200, await StatusAsync(gateway, "old-key"));

        _file.Write(CallersFile.Json(("rotating", ["new-key"], ["suspend"])));
        await UntilAsync(gateway, "old-key", 401);
        Assert.Equal(200, await StatusAsync(gateway, "new-key"));
    }

    [Fact]
    public async Task Keys_are_emptied_Caller_loses_access_even_if_the_settings_have_a_key()
    {
        _file.Write(CallersFile.Json(("limited", ["file-key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "file-key"));
        Assert.Equal(401, await StatusAsync(gateway, GatewayHost.LimitedKey));

        _file.Write(CallersFile.Json(("limited", [], ["suspend"])));

        await UntilAsync(gateway, "file-key", 401);
        Assert.Equal(200, await StatusAsync(gateway, GatewayHost.AllPowerfulKey));
    }

    [Fact]
    public async Task Grant_is_removed_Returns_403()
    {
        _file.Write(CallersFile.Json(("a", ["key"], ["suspend"])));
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "key"));

        _file.Write(CallersFile.Json(("a", ["key"], [])));

        await UntilAsync(gateway, "key", 403);
    }

    [Fact]
    public async Task Symbolic_links_are_swapped_as_Kubernetes_does_New_callers_are_loaded()
    {
        Mount("first", CallersFile.Json(("a", ["first-key"], ["suspend"])));
        File.CreateSymbolicLink(_file.Path, "..data/callers.json");
        await using var gateway = Start();
        Assert.Equal(200, await StatusAsync(gateway, "first-key"));

        Mount("second", CallersFile.Json(("a", ["second-key"], ["suspend"])));

        await UntilAsync(gateway, "second-key", 200);
        Assert.Equal(401, await StatusAsync(gateway, "first-key"));
    }

    [Fact]
    public async Task Callers_change_under_load_No_request_of_a_valid_caller_fails()
    {
        _file.Write(CallersFile.Json(("steady", ["steady-key"], ["suspend"])));
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
            _file.Write(CallersFile.Json(("steady", ["steady-key", $"steady-{round}"], ["suspend"]), ("other", [key], round % 2 == 0 ? ["suspend"] : [])));
            await UntilAsync(gateway, key, round % 2 == 0 ? 200 : 403);
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(load)).Sum() > 100);
    }

    [Fact]
    public async Task Ten_thousand_callers_Are_loaded_and_found()
    {
        _file.Write(CallersFile.Json([.. Enumerable.Range(0, 10_000).Select(number => ($"caller-{number}", (string[])[$"key-{number}"], (string[])["suspend"]))]));

        await using var gateway = Start();

        Assert.Equal(200, await StatusAsync(gateway, "key-0"));
        Assert.Equal(200, await StatusAsync(gateway, "key-9999"));
        Assert.Equal(401, await StatusAsync(gateway, "key-10000"));
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("""{"OpenApi":{"SwaggerUi":"true","swaggerUi":"true"}}""")]
    public async Task Appsettings_json_changes_Valid_version_is_loaded_and_broken_one_ignored(string broken)
    {
        using var program = new ProgramCopy();
        var settings = program.SettingsFile;
        var original = File.ReadAllText(settings);
        void Set(string key) => File.WriteAllText(settings, original.Replace("\"Callers\": {}", $"\"Callers\": {CallersFile.Json(("a", [key], ["suspend"]))[11..^1]}", StringComparison.Ordinal));
        Set("first-key");
        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, program.Directory, null);
        Assert.Equal(200, await CallersFile.StatusAsync(gateway.Address, "first-key"));

        Set("second-key");
        await CallersFile.UntilAsync(gateway.Address, "second-key", 200);
        Assert.Equal(401, await CallersFile.StatusAsync(gateway.Address, "first-key"));

        File.WriteAllText(settings, broken);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("the last valid ones stay in use", StringComparison.Ordinal));
        Assert.Equal(200, await CallersFile.StatusAsync(gateway.Address, "second-key"));
    }

    private void Mount(string name, string callers)
    {
        var version = _file.Directory.CreateSubdirectory($"..{name}");
        File.WriteAllText(Path.Combine(version.FullName, "callers.json"), callers);
        var next = Path.Combine(_file.Directory.FullName, "..data_tmp");
        File.CreateSymbolicLink(next, version.Name);
        // The one rename that swaps a link to a directory; .NET has none.
        using var move = Process.Start("mv", ["-T", next, Path.Combine(_file.Directory.FullName, "..data")]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    private GatewayHost Start() => GatewayHost.Start(_wickr.Address, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Auth:CallersFile"] = _file.Path });

    private static Task<int> StatusAsync(GatewayHost gateway, string key) => CallersFile.StatusAsync(gateway.Address, key);

    private static Task UntilAsync(GatewayHost gateway, string key, int status) => CallersFile.UntilAsync(gateway.Address, key, status);
}
