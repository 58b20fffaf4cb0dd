using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>One of those that are compared: its starts, its running processes, its rounds.</summary>
internal sealed class Candidate(ServerPlan plan, Uri upstream) : IDisposable
{
    private readonly List<(double FirstAnswer, double SlowestOfFirstTwenty)> _starts = [];
    private readonly List<Round> _rounds = [];
    private ServerProcess? _pinned;
    private ServerProcess? _free;

    public string Name => plan.Name;

    public IReadOnlyList<Round> Rounds => _rounds;

    public double FirstAnswer => _starts.Select(start => start.FirstAnswer).Median();

    public double SlowestOfFirstTwenty => _starts.Select(start => start.SlowestOfFirstTwenty).Median();

    public long IdleMemory { get; private set; }

    public long LoadedMemory { get; private set; }

    /// <summary>Measures one start, as users see it: on the whole machine.</summary>
    public void Start()
    {
        using var server = new ServerProcess(plan, upstream, Machine.AllCores);
        _starts.Add((server.FirstAnswer.TotalMicroseconds, server.SlowestOfFirstTwenty.TotalMicroseconds));
    }

    /// <summary>Starts those that stay, and lets the runtime compile what is hot. What is measured of memory before it is the idle figure.</summary>
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
