using Microsoft.Extensions.Time.Testing;
using WickrGateway.Observability;

namespace WickrGateway.Tests.Telemetry;

/// <summary>A failing Wickr is a few lines in the log, not one for each call.</summary>
public sealed class WarningTests
{
    [Fact]
    public async Task Two_hundred_failing_calls_Are_a_few_warnings_that_say_what_to_do()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Wickr:MaxAttempts=1");
        await watched.FaultAsync(new { status = 500, count = 100_000 });

        for (var calls = 0; calls < 200; calls++)
            await watched.CallAsync();

        var lines = watched.Gateway.Output.Split('\n').Where(line => line.Contains("\"level\":\"Warning\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Error\"", StringComparison.Ordinal)).ToList();
        // A call can be slow enough for a second minute to begin.
        Assert.InRange(lines.Count, 2, 6);
        Assert.Contains(lines, line => line.Contains("Wickr responds with server errors (region us-east-1, status 500, error InternalServerError, request id ", StringComparison.Ordinal)
            && line.Contains("Callers get wickr-failed and should send again. If it continues, ask AWS with the request id.", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("The circuit breaker opened because Wickr keeps failing for 12345678 (us-east-1): for", StringComparison.Ordinal));
    }

    [Fact]
    public void One_line_a_minute_passes_and_the_next_one_has_the_number_of_suppressed_ones()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time);

        Assert.Equal((true, 0), Acquire());
        for (var lines = 0; lines < 50; lines++)
            Assert.False(Acquire().Passes);

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((true, 50), Acquire());
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(Acquire().Passes);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 1), Acquire());

        (bool Passes, int Suppressed) Acquire()
        {
            var passes = throttle.TryAcquire(out var suppressed);
            return (passes, passes ? suppressed : 0);
        }
    }
}
