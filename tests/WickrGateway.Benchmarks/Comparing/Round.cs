using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>What one server showed in one round; times in microseconds.</summary>
/// <param name="Instructions">For each request; null where they are not counted.</param>
internal sealed record Round(double RequestsPerSecond, double Cpu, double? Instructions, double OneConnectionP50, double FixedRateP99)
{
    public const int Connections = 16;
    public const int FixedRate = 1000;

    private const int WarmUpRequests = 150_000;

    private static readonly TimeSpan WarmUpSlice = TimeSpan.FromSeconds(2);

    /// <summary>Until the runtime has had enough calls to compile, and compile again, what is hot; on a machine that is slow beyond use, for 30 seconds.</summary>
    public static void WarmUp(ServerProcess server)
    {
        var requests = 0L;
        for (var slice = 0; slice < 15 && requests < WarmUpRequests; slice++)
            requests += Saturate(server, SampleCall.UsualIds, Connections, WarmUpSlice).Load.Requests;
    }

    public static Round Measure(ServerProcess server, TimeSpan time)
    {
        var (load, cpu, instructions) = Saturate(server, SampleCall.UsualIds, Connections, time);
        var request = SampleCall.Bytes(SampleCall.UsualIds);
        return new Round(
            load.RequestsPerSecond,
            cpu,
            instructions,
            Loads.OneByOne(server.Port, request, time / 3).Quantile(0.5),
            Loads.AtRate(server.Port, request, FixedRate, time).Quantile(0.99));
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
            load = Wrk.IsThere ? Wrk.Saturate(server.Port, ids, connections, time) : Loads.Saturate(server.Port, SampleCall.Bytes(ids), connections, time);
            after = server.Meter.Cpu;
        }
    }
}
