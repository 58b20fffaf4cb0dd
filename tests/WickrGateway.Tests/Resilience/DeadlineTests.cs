using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>The gateway's time moves only where a test moves it, so a call that ends without that has not waited.</summary>
public sealed class DeadlineTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Wickr_never_responds_Returns_504_unknown_at_the_total_timeout()
    {
        await using var wickr = new ScriptedUpstream().ThenHang().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:TotalTimeout"] = "00:06:00", ["Wickr:AttemptTimeout"] = "00:05:00" }, _time);
        using var client = gateway.Client();
        var end = _time.GetUtcNow() + TimeSpan.FromMinutes(6);
        var call = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        _time.Advance(TimeSpan.FromMinutes(5));
        await _time.AdvanceUntilAsync(() => wickr.Received.Count == 2, step: TimeSpan.FromMilliseconds(10));

        await ExpiresAsync(call, end);
    }

    [Fact]
    public async Task Caller_shortens_the_total_timeout_Returns_504_unknown_at_that_time()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, time: _time);
        using var client = gateway.Client();
        var end = _time.GetUtcNow() + TimeSpan.FromSeconds(4);
        var call = client.SuspendAsync(timeout: "4");
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await ExpiresAsync(call, end);
    }

    [Theory]
    [InlineData("Retry-After: 30", 30)]
    [InlineData("x-amz-retry-after: 25000", 25)]
    [InlineData("Retry-After: 2147483648", null)]
    [InlineData("Retry-After: 99999999999999999999999999", null)]
    [InlineData("x-amz-retry-after: 99999999999999999999999999", null)]
    [InlineData("Retry-After: Mon, 21 Oct 2199 07:28:00 GMT", null)]
    public async Task Retry_After_exceeds_the_time_left_Returns_429_with_it_without_waiting(string header, int? seconds)
    {
        await using var wickr = new ScriptedUpstream().Then(429, "{}", header);
        await using var gateway = GatewayHost.Start(wickr.Address, time: _time);
        using var client = gateway.Client();

        var response = await client.SuspendAsync().WaitAsync(GatewayProcess.Timeout);

        Assert.Equal("wickr-throttled 429 not-applied", response.Summary);
        Assert.True(seconds is null ? response.RetryAfter > 1_000_000 : response.RetryAfter == seconds);
    }

    [Fact]
    public async Task Wickr_sends_both_retry_headers_Waits_the_milliseconds()
    {
        await using var wickr = new ScriptedUpstream().Then(503, "{}", "x-amz-retry-after: 400", "Retry-After: 60").Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:AttemptTimeout"] = "00:05:00", ["Wickr:TotalTimeout"] = "00:15:00" }, _time);
        using var client = gateway.Client();
        var start = _time.GetTimestamp();
        var call = client.SuspendAsync();

        await _time.AdvanceUntilAsync(() => wickr.Received.Count == 2, step: TimeSpan.FromMilliseconds(20));

        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, 0.4, 59);
        Assert.Equal("200", (await call).Summary);
    }

    [Fact]
    public async Task MaxAttempts_is_1_Sends_one_attempt()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}");
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:MaxAttempts"] = "1" });
        using var client = gateway.Client();

        var response = await client.SuspendAsync();

        Assert.Equal("wickr-failed 502 unknown", response.Summary);
        Assert.Equal(1, response.Attempts);
        Assert.Equal("attempt=1; max=1", wickr.Received.Single().Header("amz-sdk-request"));
    }

    /// <summary>The call ends when the gateway's time has come to this, and not before.</summary>
    private async Task ExpiresAsync(Task<GatewayResponse> call, DateTimeOffset end)
    {
        _time.Advance(end - _time.GetUtcNow() - TimeSpan.FromSeconds(0.5));
        await _time.AdvanceUntilAsync(() => call.IsCompleted, step: TimeSpan.FromMilliseconds(10));

        Assert.InRange(_time.GetUtcNow(), end, end + TimeSpan.FromSeconds(20));
        Assert.Equal("wickr-timeout 504 unknown", (await call).Summary);
    }
}
