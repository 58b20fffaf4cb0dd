using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>The measurements of one server in one round.</summary>
/// <param name="Cpu">Microseconds of CPU time for each request.</param>
/// <param name="Counts">For each request.</param>
/// <param name="OneConnectionP50">Microseconds.</param>
/// <param name="FixedRateP99">Microseconds.</param>
internal sealed record Round(double RequestsPerSecond, double Cpu, PerfCounts Counts, double OneConnectionP50, double FixedRateP99)
{
    public const int Connections = 16;
    public const int FixedRate = 1000;

    /// <summary>With fewer the cost seems settled too early: before the runtime recompiles hot code, each slice costs as much as the one before.</summary>
    private const int WarmUpRequests = 100_000;

    private const int SettledSlices = 3;
    private const int MaxWarmUpSlices = 30;

    private static readonly TimeSpan WarmUpSlice = TimeSpan.FromSeconds(2);

    /// <summary>Runs load until the runtime has recompiled hot code and the CPU time of a request no longer falls, but for no more than a minute.</summary>
    public static void WarmUp(ServerProcess server)
    {
        var requests = 0L;
        var best = double.MaxValue;
        var settled = 0;
        for (var slice = 0; slice < MaxWarmUpSlices && (requests < WarmUpRequests || settled < SettledSlices); slice++)
        {
            var (load, cpu) = Saturate(server, SampleCall.DefaultIds, Connections, WarmUpSlice);
            requests += load.Requests;
            settled = cpu > 0.95 * best ? settled + 1 : 0;
            best = Math.Min(best, cpu);
        }

        Console.WriteLine($"  {server.Name}: {requests} requests, {best:F1} µs CPU per request at the end");
    }

    /// <param name="pinned">Runs alone on one core; for throughput and cost.</param>
    /// <param name="free">Runs on all cores; for latencies.</param>
    public static Round Measure(ServerProcess pinned, ServerProcess free, TimeSpan time)
    {
        var (load, cpu) = Saturate(pinned, SampleCall.DefaultIds, Connections, time);
        // Apart from the CPU time, because counting costs some.
        var counts = PerfCounts.Count(pinned.Meter.Id, () => Loads.Saturate(pinned.Port, SampleCall.DefaultIds, Connections, time / 3).Requests);
        var request = SampleCall.Bytes(SampleCall.DefaultIds);
        return new Round(
            load.RequestsPerSecond,
            cpu,
            counts,
            Loads.OneByOne(free.Port, request, time / 3).Quantile(0.5),
            Loads.AtRate(free.Port, request, FixedRate, time).Quantile(0.99));
    }

    /// <summary>Sends as many requests as possible and measures the server's cost of one, in microseconds of CPU time.</summary>
    public static (LoadResult Load, double Cpu) Saturate(ServerProcess server, int ids, int connections, TimeSpan time)
    {
        var before = server.Meter.Cpu;
        var load = Loads.Saturate(server.Port, ids, connections, time);
        return (load, (server.Meter.Cpu - before).TotalMicroseconds / load.Requests);
    }
}
