using WickrGateway.SuspendStatus;

namespace WickrGateway.Wickr;

/// <summary>One call on its way through the pipeline: what was asked, and how each attempt went.</summary>
/// <param name="timeLimit">The whole call's time, waits included.</param>
/// <param name="isShortened">The limit is the caller's own, shorter than the configured one.</param>
internal sealed class WickrCallState(SuspendStatusRequest request, TimeSpan timeLimit, bool isShortened, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public SuspendStatusRequest Request { get; } = request;

    public TimeSpan TimeLimit { get; } = timeLimit;

    public bool IsShortened { get; } = isShortened;

    public List<Attempt> Attempts { get; } = [];

    /// <summary>Tells Wickr's operators which attempts belong together, as AWS's clients do.</summary>
    public Guid InvocationId { get; } = Guid.NewGuid();

    /// <summary>The wait that was reckoned after the last attempt, whether or not it was begun.</summary>
    public TimeSpan? Wait { get; set; }

    /// <summary>What the last retry took from the budget.</summary>
    public int Taken { get; set; }

    public bool HasRefreshedCredentials { get; set; }

    public bool HasCorrectedClock { get; set; }

    public TimeSpan TimeLeft => TimeLimit - time.GetElapsedTime(_start);

    /// <summary>Null when the time ran out before there was one.</summary>
    public Attempt? LastAttempt => Attempts.Count > 0 ? Attempts[^1] : null;
}
