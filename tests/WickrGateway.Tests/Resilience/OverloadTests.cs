using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;
using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

/// <summary>The gateway's time moves only where a test moves it, so a call that ends without that has not waited.</summary>
public sealed class OverloadTests
{
    private static readonly Dictionary<string, string?> OnePermit = new()
    {
        ["Wickr:MaxConcurrency"] = "1",
        ["Wickr:QueueLimit"] = "0",
        ["Wickr:MaxAttempts"] = "1",
        ["Wickr:AttemptTimeout"] = "00:05:00",
        ["Wickr:TotalTimeout"] = "00:05:00",
    };

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Permits_and_queue_are_full_Returns_503_overloaded_without_waiting_or_sending()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, OnePermit, _time);
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1", timeout: "5");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        var refused = await client.SuspendAsync("t:2").WaitAsync(GatewayProcess.Timeout);

        Assert.Equal("overloaded 503 not-applied", refused.Summary);
        Assert.True(refused.RetryAfter >= 1);
        Assert.Contains("\"clientToken\":\"t:2\"", refused.Body, StringComparison.Ordinal);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("wickr-timeout 504 unknown", (await first).Summary);
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task Timeout_expires_in_the_queue_Returns_503_overloaded_not_applied()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, new(OnePermit) { ["Wickr:QueueLimit"] = "1" }, _time);
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        var queued = client.SuspendAsync("t:2", timeout: "1");
        await _time.AdvanceUntilAsync(() => queued.IsCompleted, step: TimeSpan.FromMilliseconds(100));

        Assert.Equal("overloaded 503 not-applied", (await queued).Summary);
        Assert.True((await queued).RetryAfter >= 1);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("wickr-timeout 504 unknown", (await first).Summary);
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task Permit_comes_with_less_than_50_ms_left_Returns_503_overloaded_without_sending()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(release.Task, 200);
        await using var gateway = GatewayHost.Start(wickr.Address, new(OnePermit) { ["Wickr:QueueLimit"] = "1" }, _time);
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        var queued = client.SuspendAsync("t:2", timeout: "1");
        await HttpClientExtensions.UntilAsync(() => gateway.Services.GetRequiredService<WickrRoutes>().All.Single().Pipeline.Waiting == 1);

        _time.Advance(TimeSpan.FromSeconds(0.96));
        release.SetResult();

        Assert.Equal("200", (await first).Summary);
        Assert.Equal("overloaded 503 not-applied", (await queued.WaitAsync(GatewayProcess.Timeout)).Summary);
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task Permit_is_released_Queued_call_is_sent()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(release.Task, 200).Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, new(OnePermit) { ["Wickr:QueueLimit"] = "1" });
        using var client = gateway.Client();
        var first = client.SuspendAsync("t:1");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        var queued = client.SuspendAsync("t:2");

        release.SetResult();

        Assert.Equal("200", (await first).Summary);
        Assert.Equal("200", (await queued).Summary);
    }
}
