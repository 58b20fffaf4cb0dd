using System.Diagnostics;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Asks <c>/healthz</c> all the time, as an orchestrator does that kills what does not respond.</summary>
internal sealed class ChaosHealthProbe(Uri gateway)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>A probe that ran into its time-out counts with it.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>
    /// The longest time by which the machine woke this loop too late. A machine that is busy with other work delays the gateway by as much,
    /// so the limits of the run are extended by it.
    /// </summary>
    public TimeSpan LongestDelay { get; private set; }

    public async Task ProbeUntilAsync(CancellationToken end)
    {
        using var client = new HttpClient { BaseAddress = gateway, Timeout = Timeout };
        while (!end.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                using var response = await client.GetAsync("/healthz", CancellationToken.None);
                Record(start);
            }
            catch (HttpRequestException)
            {
                // The gateway is restarting.
            }
            catch (TaskCanceledException)
            {
                Record(start);
            }

            var pause = Stopwatch.GetTimestamp();
            await Task.Delay(Interval, CancellationToken.None);
            LongestDelay = Max(LongestDelay, Stopwatch.GetElapsedTime(pause) - Interval);
        }
    }

    private void Record(long start) => Slowest = Max(Slowest, Stopwatch.GetElapsedTime(start));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
