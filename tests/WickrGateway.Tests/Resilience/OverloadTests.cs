using System.Diagnostics;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class OverloadTests
{
    private static readonly Dictionary<string, string?> OnePlace = new()
    {
        ["Wickr:MaxConcurrency"] = "1",
        ["Wickr:QueueLimit"] = "0",
        ["Wickr:MaxAttempts"] = "1",
    };

    [Fact]
    public async Task Places_and_queue_are_full_Returns_503_overloaded_at_once_and_does_not_ask_Wickr()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, OnePlace);
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1", timeout: "5");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        await client.SuspendAsync("warm-up");

        var start = Stopwatch.GetTimestamp();
        var refused = await client.SuspendAsync("t:2");

        Assert.Equal("overloaded 503 not-applied", refused.Summary);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(500));
        Assert.True(refused.RetryAfter >= 1);
        Assert.Contains("\"clientToken\":\"t:2\"", refused.Body, StringComparison.Ordinal);
        Assert.Equal("wickr-timeout 504 unknown", (await first).Summary);
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task Time_that_runs_out_in_the_queue_is_overloaded_and_not_applied()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, new(OnePlace) { ["Wickr:QueueLimit"] = "1" });
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1", timeout: "4");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        var queued = await client.SuspendAsync("t:2", timeout: "1");

        Assert.Equal("overloaded 503 not-applied", queued.Summary);
        Assert.True(queued.RetryAfter >= 1);
        await first;
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task A_call_in_the_queue_goes_on_when_a_place_becomes_free()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream()
            .Then(async (stream, _, stop) =>
            {
                await release.Task;
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
            })
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, new(OnePlace) { ["Wickr:QueueLimit"] = "1" });
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        var queued = client.SuspendAsync("t:2");

        release.SetResult();

        Assert.Equal("200", (await first).Summary);
        Assert.Equal("200", (await queued).Summary);
    }
}
