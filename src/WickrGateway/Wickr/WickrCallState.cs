namespace WickrGateway.Wickr;

/// <summary>One call on its way through the pipeline. Only <see cref="WickrPipeline"/> adds to it.</summary>
/// <param name="timeLimit">For the whole call, waits included.</param>
/// <param name="isShortened">The caller allows less time than is configured.</param>
internal sealed class WickrCallState(WickrRequest request, WickrDestination destination, TimeSpan timeLimit, bool isShortened, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly List<AttemptResult> _attempts = [];

    public WickrRequest Request { get; } = request;

    public WickrDestination Destination { get; } = destination;

    public TimeSpan TimeLimit { get; } = timeLimit;

    public bool IsShortened { get; } = isShortened;

    /// <summary>Identifies the call on all its attempts, as AWS's clients do.</summary>
    public Guid InvocationId { get; } = Guid.NewGuid();

    /// <summary>Those that are over.</summary>
    public IReadOnlyList<AttemptResult> Attempts => _attempts;

    /// <summary>What follows the last of them; null before there was one.</summary>
    public RetryDecision? LastDecision { get; private set; }

    /// <summary>What the retry that led to the last attempt cost; 0 for the first attempt.</summary>
    public int LastCost { get; private set; }

    /// <summary>Whether the call counts against Wickr in the circuit breaker: an attempt failed, and no later one got a response.</summary>
    public bool CountsAsFailure
    {
        get
        {
            var isFailure = false;
            foreach (var attempt in _attempts)
                isFailure = attempt.CountsAsFailure || (isFailure && attempt.Response is null);

            return isFailure;
        }
    }

    public TimeSpan TimeLeft => TimeLimit - time.GetElapsedTime(_start);

    public void Add(AttemptResult attempt, RetryDecision next)
    {
        LastCost = LastDecision?.Cost ?? 0;
        LastDecision = next;
        _attempts.Add(attempt);
    }

    /// <summary>There is no time for the retry that was decided on.</summary>
    public void StopRetrying() => LastDecision = RetryDecision.Stop(LastDecision?.Wait);
}
