using System.Globalization;
using WickrGateway.Tests.Hosting;
using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

public sealed class ClockSkewTests
{
    private static string Date(TimeSpan ahead) => $"Date: {DateTimeOffset.UtcNow + ahead:R}";

    [Theory]
    [InlineData("RequestTimeTooSkewed", 3600)]
    [InlineData("RequestExpired", -3600)]
    [InlineData("RequestInTheFuture", -1200)]
    [InlineData("InvalidSignatureException", 400)]
    public async Task The_clock_is_off_The_call_is_signed_with_Wickrs_time_and_succeeds(string error, int seconds)
    {
        var off = TimeSpan.FromSeconds(seconds);
        await using var wickr = new ScriptedUpstream()
            .Then(403, "{}", $"x-amzn-ErrorType: {error}", Date(off))
            .Then(200, HttpClientExtensions.Accepted)
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync("t:1")).Summary);
        Assert.Equal("200", (await client.SuspendAsync("t:2")).Summary);

        var ahead = wickr.Received.Select(request => (SignedAt(request) - DateTimeOffset.UtcNow).TotalSeconds).ToList();
        Assert.InRange(ahead[0], -10, 10);
        Assert.InRange(ahead[1], seconds - 10, seconds + 10);
        Assert.InRange(ahead[2], seconds - 10, seconds + 10);
        Assert.Contains("\"clockCorrectionSeconds\":", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_correction_is_logged_once_for_each_change()
    {
        const string Line = "clock differs from Wickr's";
        await using var wickr = new ScriptedUpstream();
        for (var call = 0; call < 3; call++)
            wickr.Then(403, "{}", "x-amzn-ErrorType: RequestTimeTooSkewed", Date(TimeSpan.FromHours(call == 2 ? 2 : 1))).Then(200, HttpClientExtensions.Accepted);

        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        for (var call = 0; call < 3; call++)
            Assert.Equal("200", (await client.SuspendAsync($"t:{call}")).Summary);

        await HttpClientExtensions.UntilAsync(() => gateway.Output.Split(Line).Length - 1 == 2);
    }

    [Fact]
    public async Task Two_calls_are_signed_with_the_wrong_time_Both_succeed_though_the_first_has_corrected_it()
    {
        const string Refusal = "x-amzn-ErrorType: InvalidSignatureException";
        await using var wickr = new ScriptedUpstream();
        wickr.Then(async (stream, _, stop) =>
            {
                await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 2);
                await RefuseAsync(stream, stop);
            })
            .Then(async (stream, _, stop) =>
            {
                await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 3);
                await RefuseAsync(stream, stop);
            })
            .Then(200, HttpClientExtensions.Accepted)
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var calls = await Task.WhenAll(client.SuspendAsync("t:1"), client.SuspendAsync("t:2"));

        Assert.All(calls, call => Assert.Equal("200", call.Summary));

        static ValueTask RefuseAsync(Stream stream, CancellationToken stop) =>
            stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n{Refusal}\r\n{Date(TimeSpan.FromHours(1))}\r\n\r\n{{}}"), stop);
    }

    [Fact]
    public async Task It_is_corrected_once_a_call_and_then_told()
    {
        await using var wickr = new ScriptedUpstream()
            .Then(403, "{}", "x-amzn-ErrorType: RequestTimeTooSkewed", Date(TimeSpan.FromHours(1)))
            .Then(403, "{}", "x-amzn-ErrorType: RequestTimeTooSkewed", Date(TimeSpan.FromHours(2)));
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT")]
    [InlineData(null)]
    public async Task Wickrs_time_is_more_than_a_day_away_It_is_not_taken_and_later_calls_succeed(string? date)
    {
        await using var wickr = new ScriptedUpstream()
            .Then(403, "{}", "x-amzn-ErrorType: RequestTimeTooSkewed", date is null ? Date(TimeSpan.FromHours(25)) : $"Date: {date}")
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync("t:1")).Summary);
        Assert.Equal("200", (await client.SuspendAsync("t:2")).Summary);

        Assert.InRange((SignedAt(wickr.Received[1]) - DateTimeOffset.UtcNow).TotalSeconds, -10, 10);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Theory]
    [InlineData("InvalidSignatureException", 200)]
    [InlineData("AccessDeniedException", 3600)]
    [InlineData("UnrecognizedClientException", 3600)]
    public async Task Another_refusal_is_not_blamed_on_the_clock(string error, int seconds)
    {
        await using var wickr = new ScriptedUpstream().Then(403, "{}", $"x-amzn-ErrorType: {error}", Date(TimeSpan.FromSeconds(seconds)));
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync()).Summary);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Theory]
    [InlineData("RequestTimeTooSkewed", 0, true)]
    [InlineData("InvalidSignatureException", 240, false)]
    [InlineData("InvalidSignatureException", 241, true)]
    [InlineData("InvalidSignatureException", -241, true)]
    [InlineData("ExpiredTokenException", 3600, false)]
    [InlineData(null, 3600, false)]
    public void Which_refusals_are_about_the_time(string? error, int seconds, bool about) =>
        Assert.Equal(about, WickrClock.IsAboutTime(error, TimeSpan.FromSeconds(seconds)));

    private static DateTimeOffset SignedAt(ReceivedRequest request) =>
        DateTimeOffset.ParseExact(request.Header("X-Amz-Date")!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
