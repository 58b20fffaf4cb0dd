using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>A server that is compared with others: its starts, its running processes and its rounds.</summary>
internal sealed class Candidate(ServerPlan plan, Uri upstream) : IDisposable
{
    private readonly List<(double FirstResponse, double SlowestOfFirstTwenty)> _starts = [];
    private readonly List<Round> _rounds = [];
    private ServerProcess? _pinned;
    private ServerProcess? _free;

    public string Name => plan.Name;

    public IReadOnlyList<Round> Rounds => _rounds;

    /// <summary>The median of the starts in microseconds.</summary>
    public double FirstResponse => _starts.Select(start => start.FirstResponse).Median();

    /// <summary>The median of the starts in microseconds.</summary>
    public double SlowestOfFirstTwenty => _starts.Select(start => start.SlowestOfFirstTwenty).Median();

    /// <summary>Bytes.</summary>
    public long IdleMemory { get; private set; }

    /// <summary>The maximum after any round, in bytes.</summary>
    public long LoadedMemory { get; private set; }

    /// <summary>Measures one start, on all cores as in production.</summary>
    public void MeasureStart()
    {
        using var server = new ServerProcess(plan, upstream, Machine.AllCores);
        _starts.Add((server.FirstResponse.TotalMicroseconds, server.SlowestOfFirstTwenty.TotalMicroseconds));
    }

    /// <summary>Starts the processes that the rounds measure and lets the runtime compile hot code. The idle memory is measured before the load.</summary>
    public void WarmUp()
    {
        _pinned = new ServerProcess(plan, upstream, Machine.MeasuredCores);
        _free = new ServerProcess(plan, upstream, Machine.AllCores);
        IdleMemory = _pinned.Meter.Memory;
        Round.WarmUp(_pinned);
        Round.WarmUp(_free);
    }

    public void Measure(TimeSpan time)
    {
        _rounds.Add(Round.Measure(_pinned!, _free!, time));
        LoadedMemory = Math.Max(LoadedMemory, _pinned!.Meter.Memory);
    }

    public void Dispose()
    {
        _pinned?.Dispose();
        _free?.Dispose();
    }
}
