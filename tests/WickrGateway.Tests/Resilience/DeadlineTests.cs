using System.Diagnostics;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class DeadlineTests
{
    [Fact]
    public async Task Wickr_never_answers_The_call_ends_within_its_total_time_as_504_unknown()
    {
        await using var wickr = new ScriptedUpstream().ThenHang().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:TotalTimeout"] = "00:00:01", ["Wickr:AttemptTimeout"] = "00:00:00.8" });
        using var client = gateway.Client();

        var start = Stopwatch.GetTimestamp();
        var answered = await client.SuspendAsync();

        Assert.Equal("wickr-timeout 504 unknown", answered.Summary);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 1.9);
    }

    [Fact]
    public async Task A_caller_may_shorten_the_total_time()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var start = Stopwatch.GetTimestamp();
        var answered = await client.SuspendAsync(timeout: "1");

        Assert.Equal("wickr-timeout 504 unknown", answered.Summary);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 2.5);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("21")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("")]
    public async Task A_time_limit_that_is_none_is_told_with_the_other_faults(string limit)
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/networks/12345678/users/suspend-status") { Content = Json.Body("""{"userIds":["1"]}""") };
        request.Headers.TryAddWithoutValidation("X-Request-Timeout", limit);

        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("\"X-Request-Timeout\":[", body, StringComparison.Ordinal);
        Assert.Contains("\"suspend\":[", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Retry-After: 30", 30)]
    [InlineData("x-amz-retry-after: 25000", 25)]
    [InlineData("Retry-After: 2147483648", null)]
    [InlineData("Retry-After: 99999999999999999999999999", null)]
    [InlineData("x-amz-retry-after: 99999999999999999999999999", null)]
    [InlineData("Retry-After: Mon, 21 Oct 2199 07:28:00 GMT", null)]
    public async Task A_wait_that_does_not_fit_is_not_begun_and_the_caller_is_told_it(string header, int? seconds)
    {
        await using var wickr = new ScriptedUpstream().Then(429, "{}", header);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var start = Stopwatch.GetTimestamp();
        var answered = await client.SuspendAsync();

        Assert.Equal("wickr-throttled 429 not-applied", answered.Summary);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        Assert.True(seconds is null ? answered.RetryAfter > 1_000_000 : answered.RetryAfter == seconds);
    }

    [Fact]
    public async Task What_Wickr_asks_for_is_waited_and_milliseconds_win_over_seconds()
    {
        await using var wickr = new ScriptedUpstream().Then(503, "{}", "x-amz-retry-after: 400", "Retry-After: 60").Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var start = Stopwatch.GetTimestamp();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 399, 5_000);
    }

    [Fact]
    public async Task One_attempt_is_all_there_is_if_so_configured()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}");
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:MaxAttempts"] = "1" });
        using var client = gateway.Client();

        var answered = await client.SuspendAsync();

        Assert.Equal("wickr-failed 502 unknown", answered.Summary);
        Assert.Equal(1, answered.Attempts);
        Assert.Equal("attempt=1; max=1", wickr.Received.Single().Header("amz-sdk-request"));
    }
}
