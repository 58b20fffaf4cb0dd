using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>What one server showed in one round; times in microseconds.</summary>
/// <param name="Instructions">For each request; null where they are not counted.</param>
internal sealed record Round(double RequestsPerSecond, double Cpu, double? Instructions, double OneConnectionP50, double FixedRateP99)
{
    public const int Connections = 16;
    public const int FixedRate = 1000;

    /// <summary>Fewer say nothing yet: before the runtime compiles anew what is hot, every slice costs as much as the one before.</summary>
    private const int WarmUpRequests = 100_000;

    private const int SettledSlices = 3;
    private const int MaxWarmUpSlices = 30;

    private static readonly TimeSpan WarmUpSlice = TimeSpan.FromSeconds(2);

    /// <summary>Until the runtime has compiled what is hot and the CPU time of a request no longer falls; on a machine that is slow beyond use, for a minute.</summary>
    public static void WarmUp(ServerProcess server)
    {
        var requests = 0L;
        var best = double.MaxValue;
        var settled = 0;
        for (var slice = 0; slice < MaxWarmUpSlices && (requests < WarmUpRequests || settled < SettledSlices); slice++)
        {
            var (load, cpu, _) = Saturate(server, SampleCall.UsualIds, Connections, WarmUpSlice);
            requests += load.Requests;
            settled = cpu > 0.95 * best ? settled + 1 : 0;
            best = Math.Min(best, cpu);
        }

        Console.WriteLine($"  {server.Name}: {requests} requests, at last {best:F1} µs");
    }

    /// <param name="pinned">Has one core to itself: for what it costs.</param>
    /// <param name="free">Runs where it likes: for how long its callers wait.</param>
    public static Round Measure(ServerProcess pinned, ServerProcess free, TimeSpan time)
    {
        var (load, cpu, instructions) = Saturate(pinned, SampleCall.UsualIds, Connections, time);
        var request = SampleCall.Bytes(SampleCall.UsualIds);
        return new Round(
            load.RequestsPerSecond,
            cpu,
            instructions,
            Loads.OneByOne(free.Port, request, time / 3).Quantile(0.5),
            Loads.AtRate(free.Port, request, FixedRate, time).Quantile(0.99));
    }

    /// <summary>As many requests as go, and what one of them cost the server.</summary>
    public static (LoadResult Load, double Cpu, double? Instructions) Saturate(ServerProcess server, int ids, int connections, TimeSpan time)
    {
        LoadResult load = null!;
        var before = server.Meter.Cpu;
        var after = before;
        double? instructions = null;
        if (Processes.Instructions.AreCounted)
            instructions = Processes.Instructions.Count(server.Meter.Id, Run);
        else
            Run();

        return (load, (after - before).TotalMicroseconds / load.Requests, instructions / load.Requests);

        void Run()
        {
            load = Loads.Saturate(server.Port, ids, connections, time);
            after = server.Meter.Cpu;
        }
    }
}
