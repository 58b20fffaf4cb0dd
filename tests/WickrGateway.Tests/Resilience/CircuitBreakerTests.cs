using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class CircuitBreakerTests
{
    private static readonly TimeSpan BreakDuration = TimeSpan.FromMinutes(1);

    private static Dictionary<string, string?> Settings(int maxAttempts = 1) => new()
    {
        ["Wickr:MaxAttempts"] = $"{maxAttempts}",
        ["Wickr:AttemptTimeout"] = "00:00:00.2",
        ["Wickr:CircuitBreaker:MinimumThroughput"] = "3",
        ["Wickr:CircuitBreaker:BreakDuration"] = $"{BreakDuration}",
    };

    [Fact]
    public async Task Wickr_keeps_failing_Returns_503_wickr_circuit_open_without_sending_and_readyz_is_degraded_with_200()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").ThenReset().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, Settings());
        using var client = gateway.Client();
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
        for (var call = 0; call < 3; call++)
            Assert.EndsWith("unknown", (await client.SuspendAsync()).Summary, StringComparison.Ordinal);

        var refused = await client.SuspendAsync("t:2");

        Assert.Equal("wickr-circuit-open 503 not-applied", refused.Summary);
        Assert.InRange(refused.RetryAfter!.Value, 1, 60);
        Assert.Equal(3, wickr.Received.Count);
        Assert.StartsWith("""{"status":"degraded","reason":""", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_fail_within_few_calls_Circuit_stays_closed()
    {
        await using var wickr = new ScriptedUpstream();
        for (var response = 0; response < 6; response++)
            wickr.Then(500, "{}");

        await using var gateway = GatewayHost.Start(wickr.Address, Settings(maxAttempts: 3));
        using var client = gateway.Client();

        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
        Assert.Equal(6, wickr.Received.Count);
    }

    [Fact]
    public async Task Break_is_over_One_probe_is_sent_and_its_success_closes_the_circuit()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}")
            .ThenAfter(release.Task, 200)
            .Then(200, HttpClientExtensions.Accepted);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = GatewayHost.Start(wickr.Address, Settings(), time);
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            await client.SuspendAsync();

        Assert.Equal("wickr-circuit-open 503 not-applied", (await client.SuspendAsync("early")).Summary);
        time.Advance(BreakDuration);
        var probe = client.SuspendAsync("probe");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 4);
        var besides = await client.SuspendAsync("besides");
        release.SetResult();

        Assert.Equal("wickr-circuit-open 503 not-applied", besides.Summary);
        Assert.Equal("200", (await probe).Summary);
        Assert.Equal("200", (await client.SuspendAsync("after")).Summary);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task Wickr_rejects_or_throttles_Circuit_stays_closed()
    {
        int[] statuses = [400, 401, 403, 404, 422, 429, 429, 403];
        await using var wickr = new ScriptedUpstream();
        foreach (var status in statuses)
            wickr.Then(status, "{}");

        await using var gateway = GatewayHost.Start(wickr.Address, Settings());
        using var client = gateway.Client();
        foreach (var _ in statuses)
            await client.SuspendAsync();

        Assert.Equal(statuses.Length, wickr.Received.Count);
    }

    [Fact]
    public async Task Callers_own_timeouts_expire_Circuit_stays_closed()
    {
        await using var wickr = new ScriptedUpstream().ThenHang().ThenHang().ThenHang().ThenHang().Then(200, HttpClientExtensions.Accepted);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:AttemptTimeout"] = "00:00:10" }, time);
        using var client = gateway.Client();
        var calls = Task.WhenAll(Enumerable.Range(0, 4).Select(call => client.SuspendAsync($"t:{call}", timeout: "1")));
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 4);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await calls, call => Assert.Equal("wickr-timeout 504 unknown", call.Summary));

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
    }

    /// <summary>The settings name 12345678; all other networks share one breaker.</summary>
    [Theory]
    [InlineData("12345678", "12345678", "87654321")]
    [InlineData("87654321", "all other networks", "12345678")]
    public async Task One_network_keeps_failing_Others_are_sent_and_readyz_names_it(string failing, string name, string healthy)
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}").Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, Settings());
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync(network: failing)).Summary);

        Assert.Equal("wickr-circuit-open 503 not-applied", (await client.SuspendAsync(network: failing)).Summary);
        Assert.Equal("200", (await client.SuspendAsync(network: healthy)).Summary);

        var ready = await client.GetStringAsync("/readyz");
        Assert.Contains($"failing for {name} (us-east-1).", ready, StringComparison.Ordinal);
        Assert.DoesNotContain(healthy, ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_that_the_settings_do_not_name_share_one_circuit()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}");
        await using var gateway = GatewayHost.Start(wickr.Address, Settings());
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync(network: $"8765432{call}")).Summary);

        Assert.Equal("wickr-circuit-open 503 not-applied", (await client.SuspendAsync(network: "87654329")).Summary);
    }

    [Fact]
    public async Task Break_is_over_and_a_caller_leaves_less_than_an_attempt_Its_call_is_not_the_probe()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}").Then(200, HttpClientExtensions.Accepted);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:AttemptTimeout"] = "00:00:10" }, time);
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            await client.SuspendAsync();

        time.Advance(BreakDuration);

        Assert.Equal("wickr-circuit-open 503 not-applied", (await client.SuspendAsync(timeout: "1")).Summary);
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Nobody_calls_the_network_any_more_Readyz_is_ready_again()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}");
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = GatewayHost.Start(wickr.Address, Settings(), time);
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            await client.SuspendAsync();

        time.Advance(BreakDuration);
        Assert.StartsWith("""{"status":"degraded",""", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task Breaker_is_switched_off_Circuit_stays_closed()
    {
        await using var wickr = new ScriptedUpstream();
        for (var response = 0; response < 6; response++)
            wickr.Then(500, "{}");

        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:CircuitBreaker:Enabled"] = "false" });
        using var client = gateway.Client();
        for (var call = 0; call < 6; call++)
            Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
    }
}
