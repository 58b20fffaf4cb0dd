using System.Text.Json.Nodes;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Changes with an error in them, all made to one running gateway.</summary>
public sealed class InvalidCallersTests(InvalidCallersTests.Running running) : IClassFixture<InvalidCallersTests.Running>
{
    private const string Ignored = "the last valid ones stay in use";

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
    [InlineData("""{"Callers":{"hr":{},"HR":{}}}""")]
    [InlineData("""{"Callers":{"Test":{"Actions":["suspend"]}}}""")]
    [InlineData(null)]
    public async Task File_becomes_invalid_Keeps_the_last_valid_callers_until_it_is_fixed(string? invalid)
    {
        var (file, gateway) = (running.File, running.Gateway);
        var (key, next) = running.NextKeys();
        file.Write(CallersFile.Json(("a", [key], ["suspend"])));
        await CallersFile.UntilAsync(gateway.Address, key, 200);
        var logged = Logged();

        if (invalid is null)
            File.Delete(file.Path);
        else
            file.Write(invalid);

        await HttpClientExtensions.UntilAsync(() => Logged() == logged + 1);
        // The page is cached for 0.3 s.
        await HttpClientExtensions.UntilAsync(async () => await StaleAsync() == "1");
        var ready = await ReadyAsync();
        Assert.Equal("degraded", (string?)ready["status"]);
        Assert.Contains("callers", (string?)ready["reason"], StringComparison.Ordinal);
        Assert.Equal(200, await CallersFile.StatusAsync(gateway.Address, key));
        Assert.DoesNotContain("the-key-itself", gateway.Output, StringComparison.Ordinal);

        file.Write(CallersFile.Json(("a", [next], ["suspend"])));
        await CallersFile.UntilAsync(gateway.Address, next, 200);
        Assert.Equal(401, await CallersFile.StatusAsync(gateway.Address, key));
        await HttpClientExtensions.UntilAsync(async () => await StaleAsync() == "0");
        Assert.Equal("""{"status":"ready"}""", (await ReadyAsync()).ToJsonString());

        async Task<JsonNode> ReadyAsync()
        {
            using var client = gateway.Client();
            return JsonNode.Parse(await client.GetStringAsync("/readyz"))!;
        }

        async Task<string?> StaleAsync()
        {
            using var client = gateway.Client();
            var page = await client.GetStringAsync("/metrics");
            return page.Split('\n').FirstOrDefault(line => line.StartsWith("wickr_gateway_callers_stale", StringComparison.Ordinal))?.Split(' ')[1];
        }

        int Logged() => gateway.Output.Split(Ignored).Length - 1;
    }

    /// <summary>A gateway whose callers file is valid between the tests.</summary>
    public sealed class Running : IAsyncLifetime
    {
        private readonly ScriptedUpstream _wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);
        private int _changes;

        internal CallersFile File { get; } = new();

        internal GatewayProcess Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            File.Write(CallersFile.Json(("a", ["key-0"], ["suspend"])));
            Gateway = await GatewayProcess.StartAsync(_wickr.Address, environment: null, $"--Auth:CallersFile={File.Path}", "--RateLimit:FailuresPerMinute=100000");
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _wickr.DisposeAsync();
            File.Dispose();
        }

        /// <summary>The key that is valid now, and the one for after the next change.</summary>
        internal (string Valid, string Next) NextKeys() => ($"key-{_changes}", $"key-{++_changes}");
    }
}
