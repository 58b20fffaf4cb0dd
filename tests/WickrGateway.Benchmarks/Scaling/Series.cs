using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Scaling;

/// <summary>The cost at several values of one dimension, such as connections.</summary>
internal sealed record Series(string Name, IReadOnlyList<Point> Points);

/// <summary>The cost at one value.</summary>
internal sealed class Point(string label, ServerProcess server, int ids, int connections)
{
    private readonly List<(double RequestsPerSecond, double Cpu)> _rounds = [];

    public string Label => label;

    public ServerProcess Server => server;

    public double RequestsPerSecond => _rounds.Select(round => round.RequestsPerSecond).Median();

    /// <summary>Microseconds of CPU time for each request.</summary>
    public double Cpu => _rounds.Select(round => round.Cpu).Median();

    /// <summary>The maximum after any round, in bytes.</summary>
    public long Memory { get; private set; }

    public void Measure(TimeSpan time)
    {
        var (load, cpu) = Round.Saturate(server, ids, connections, time);
        _rounds.Add((load.RequestsPerSecond, cpu));
        Memory = Math.Max(Memory, server.Meter.Memory);
    }
}
