using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Scaling;

/// <summary>One thing that grows, and the cost at some of its sizes.</summary>
internal sealed record Series(string Name, IReadOnlyList<Point> Points);

/// <summary>The cost at one size.</summary>
internal sealed class Point(string label, ServerProcess server, int ids, int connections)
{
    private readonly List<(double RequestsPerSecond, double Cpu)> _rounds = [];

    public string Label => label;

    public ServerProcess Server => server;

    public double RequestsPerSecond => _rounds.Select(round => round.RequestsPerSecond).Median();

    /// <summary>Microseconds for each request.</summary>
    public double Cpu => _rounds.Select(round => round.Cpu).Median();

    /// <summary>In bytes, the most after any round.</summary>
    public long Memory { get; private set; }

    public void Measure(TimeSpan time)
    {
        var (load, cpu, _) = Round.Saturate(server, ids, connections, time);
        _rounds.Add((load.RequestsPerSecond, cpu));
        Memory = Math.Max(Memory, server.Meter.Memory);
    }
}
