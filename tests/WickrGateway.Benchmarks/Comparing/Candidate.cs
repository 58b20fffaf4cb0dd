using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>A server that is compared with others, in one run: its starts, its running processes and its rounds.</summary>
internal sealed class Candidate(ServerPlan plan, Uri upstream) : IDisposable
{
    private readonly List<(double FirstResponse, double SlowestOfFirstTwenty)> _starts = [];
    private readonly List<Round> _rounds = [];
    private ServerProcess? _pinned;
    private ServerProcess? _free;
    private long _idleMemory;
    private long _loadedMemory;

    public string Name => plan.Name;

    public Round LastRound => _rounds[^1];

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
        _idleMemory = _pinned.Meter.Memory;
        Round.WarmUp(_pinned);
        Round.WarmUp(_free);
    }

    public void Measure(TimeSpan time)
    {
        _rounds.Add(Round.Measure(_pinned!, _free!, time));
        _loadedMemory = Math.Max(_loadedMemory, _pinned!.Meter.Memory);
    }

    /// <param name="direct">The median latency in microseconds of a direct call on one connection, for each round.</param>
    public CandidateRun Summarize(IReadOnlyList<double> direct) => new(
        Median(round => round.RequestsPerSecond),
        Median(round => round.Cpu),
        Counted(counts => counts.Instructions),
        Counted(counts => counts.ContextSwitches),
        Counted(counts => counts.SystemCalls),
        _rounds.Zip(direct, (round, without) => round.OneConnectionP50 - without).Median(),
        Median(round => round.FixedRateP99),
        _starts.Select(start => start.FirstResponse).Median(),
        _starts.Select(start => start.SlowestOfFirstTwenty).Median(),
        _idleMemory,
        _loadedMemory);

    public void Dispose()
    {
        _pinned?.Dispose();
        _free?.Dispose();
    }

    private double Median(Func<Round, double> value) => _rounds.Select(value).Median();

    private double? Counted(Func<PerfCounts, double?> count) => _rounds.All(round => count(round.Counts) is not null) ? Median(round => count(round.Counts)!.Value) : null;
}
