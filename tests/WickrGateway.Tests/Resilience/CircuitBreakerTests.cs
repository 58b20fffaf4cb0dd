using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class CircuitBreakerTests
{
    private static Dictionary<string, string?> Settings(int maxAttempts = 1) => new()
    {
        ["Wickr:MaxAttempts"] = $"{maxAttempts}",
        ["Wickr:AttemptTimeout"] = "00:00:00.2",
        ["Wickr:CircuitBreaker:MinimumThroughput"] = "3",
        ["Wickr:CircuitBreaker:BreakDuration"] = "00:00:00.6",
    };

    [Fact]
    public async Task Wickr_keeps_failing_Returns_503_wickr_circuit_open_without_asking_and_readyz_says_degraded_with_200()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").ThenReset().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:CircuitBreaker:BreakDuration"] = "00:01:00" });
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
    public async Task Calls_are_counted_not_attempts()
    {
        await using var wickr = new ScriptedUpstream();
        for (var answer = 0; answer < 6; answer++)
            wickr.Then(500, "{}");

        await using var gateway = GatewayHost.Start(wickr.Address, Settings(maxAttempts: 3));
        using var client = gateway.Client();

        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
        Assert.Equal(6, wickr.Received.Count);
    }

    [Fact]
    public async Task One_probe_goes_through_when_the_break_is_over_and_its_success_closes_the_circuit()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().Then(500, "{}").Then(500, "{}").Then(500, "{}")
            .Then(async (stream, _, stop) =>
            {
                await release.Task;
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
            })
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:AttemptTimeout"] = "00:00:05" });
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            await client.SuspendAsync();

        Task<GatewayAnswer>? probe = null;
        await HttpClientExtensions.UntilAsync(() =>
        {
            if (probe is null or { IsCompleted: true })
                probe = client.SuspendAsync("probe");

            return wickr.Received.Count == 4;
        });
        var besides = await client.SuspendAsync("besides");
        release.SetResult();

        Assert.Equal("wickr-circuit-open 503 not-applied", besides.Summary);
        Assert.Equal("200", (await probe!).Summary);
        Assert.Equal("200", (await client.SuspendAsync("after")).Summary);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task Refusals_and_throttling_never_open_it()
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
    public async Task An_impatient_caller_does_not_open_it_for_the_others()
    {
        await using var wickr = new ScriptedUpstream().ThenHang().ThenHang().ThenHang().ThenHang().Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:AttemptTimeout"] = "00:00:10" });
        using var client = gateway.Client();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(call => client.SuspendAsync($"t:{call}", timeout: "1")));

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Switched_off_it_never_opens()
    {
        await using var wickr = new ScriptedUpstream();
        for (var answer = 0; answer < 6; answer++)
            wickr.Then(500, "{}");

        await using var gateway = GatewayHost.Start(wickr.Address, new(Settings()) { ["Wickr:CircuitBreaker:Enabled"] = "false" });
        using var client = gateway.Client();
        for (var call = 0; call < 6; call++)
            Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
    }
}
