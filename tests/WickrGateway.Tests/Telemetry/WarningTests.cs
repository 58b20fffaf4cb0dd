using Microsoft.Extensions.Time.Testing;
using WickrGateway.Observability;

namespace WickrGateway.Tests.Telemetry;

/// <summary>A failing Wickr is told, not shouted.</summary>
public sealed class WarningTests
{
    [Fact]
    public async Task Two_hundred_failing_calls_are_a_few_warning_lines_that_say_what_to_do()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Wickr:MaxAttempts=1");
        await watched.FaultAsync(new { status = 500, count = 100_000 });

        for (var calls = 0; calls < 200; calls++)
            await watched.CallAsync();

        var lines = watched.Gateway.Output.Split('\n').Where(line => line.Contains("\"level\":\"Warning\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Error\"", StringComparison.Ordinal)).ToList();
        // A call can be slow enough for a second minute to begin.
        Assert.InRange(lines.Count, 2, 6);
        Assert.Contains(lines, line => line.Contains("Wickr answers with server errors (status 500, error InternalServerError, request id ", StringComparison.Ordinal)
            && line.Contains("Callers get wickr-failed and are to send again. If it lasts, ask AWS with the request id.", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Wickr has been failing: it is not asked for", StringComparison.Ordinal));
    }

    [Fact]
    public void One_line_a_minute_is_let_through_and_the_next_one_tells_of_those_held_back()
    {
        var time = new FakeTimeProvider();
        var gate = new LogThrottle(time);

        Assert.Equal((true, 0), Ask());
        for (var lines = 0; lines < 50; lines++)
            Assert.False(Ask().Passes);

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((true, 50), Ask());
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(Ask().Passes);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 1), Ask());

        (bool Passes, int Suppressed) Ask()
        {
            var passes = gate.TryAcquire(out var suppressed);
            return (passes, passes ? suppressed : 0);
        }
    }
}
