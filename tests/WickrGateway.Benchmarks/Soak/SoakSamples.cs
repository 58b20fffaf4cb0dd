using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>One quantity of the gateway's process over time.</summary>
/// <param name="Start">The median of the first third after the warm-up.</param>
/// <param name="End">The median of the last third.</param>
/// <param name="Tolerance">How far the end may be above the start.</param>
internal sealed record SoakMeasure(string Name, double Start, double End, double Max, double Tolerance)
{
    public bool IsFlat => End <= Start + Tolerance;
}

/// <summary>Memory, handles and threads of the gateway's process, sampled at a fixed interval.</summary>
internal sealed class SoakSamples(ProcessMeter process)
{
    /// <summary>The runtime still compiles and sizes its heap.</summary>
    private const double WarmUpShare = 0.1;

    /// <summary>Of the memory at the start; a garbage-collected heap breathes.</summary>
    private const double MemoryTolerance = 0.1;

    /// <summary>Connections come and go with the load.</summary>
    private const int HandleTolerance = 10;

    private const int ThreadTolerance = 5;

    private readonly List<(double Memory, double Handles, double Threads)> _samples = [];

    public void Take() => _samples.Add((process.Memory / 1e6, process.Handles, process.Threads));

    public IReadOnlyList<SoakMeasure> Measure()
    {
        var steady = _samples.Skip((int)(_samples.Count * WarmUpShare)).ToList();
        var third = (steady.Count + 2) / 3;
        return
        [
            Create("memory (MB)", sample => sample.Memory, start => start * MemoryTolerance),
            Create("handles", sample => sample.Handles, _ => HandleTolerance),
            Create("threads", sample => sample.Threads, _ => ThreadTolerance),
        ];

        SoakMeasure Create(string name, Func<(double Memory, double Handles, double Threads), double> value, Func<double, double> tolerance)
        {
            var start = steady.Take(third).Select(value).Median();
            return new SoakMeasure(name, start, steady.TakeLast(third).Select(value).Median(), _samples.Max(value), tolerance(start));
        }
    }
}
