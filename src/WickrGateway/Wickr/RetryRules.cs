namespace WickrGateway.Wickr;

/// <summary>Why an attempt is followed by another one.</summary>
internal enum RetryReason
{
    /// <summary>It is not: another attempt would end the same way, or do harm.</summary>
    None,

    /// <summary>A failure that may be over in a moment.</summary>
    Transient,

    /// <summary>Wickr asked for fewer requests.</summary>
    Throttling,

    /// <summary>The credentials or the clock were refused, and have been refreshed or corrected.</summary>
    AuthRecovery,
}

/// <summary>What follows an attempt.</summary>
/// <param name="Reason">Why another attempt follows; <see cref="RetryReason.None"/> when none does.</param>
/// <param name="Wait">How long to wait before it. Also there when no attempt follows because none is left or the wait is too long: throttled callers get it as Retry-After.</param>
/// <param name="Cost">In tokens of the <see cref="RetryBudget"/>.</param>
internal sealed record RetryDecision(RetryReason Reason, TimeSpan? Wait, int Cost)
{
    public bool ShouldRetry => Reason != RetryReason.None;

    public static RetryDecision Stop(TimeSpan? wait = null) => new(RetryReason.None, wait, Cost: 0);
}

/// <summary>When to retry. Pure rules, with the figures that AWS published for its clients in 2026 (SDK reference guide, retry behavior).</summary>
internal static class RetryRules
{
    public static readonly TimeSpan TransientBase = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan ThrottlingBase = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>Whether the last attempt is followed by another one, and after which wait.</summary>
    /// <param name="attempts">The attempts so far, at least one.</param>
    /// <param name="timeLeft">Of the whole call; a wait that does not fit is not begun.</param>
    /// <param name="tokens">What is left of the retry budget.</param>
    /// <param name="jitter">Random, from 0 to 1.</param>
    public static RetryDecision Decide(IReadOnlyList<AttemptResult> attempts, int maxAttempts, bool isIdempotent, TimeSpan timeLeft, int tokens, double jitter)
    {
        var last = attempts[^1];
        var reason = Classify(last);
        if (reason == RetryReason.None || (!isIdempotent && last.IsUnclear))
            return RetryDecision.Stop();

        var wait = Wait(reason, attempts.Count(attempt => Classify(attempt) is RetryReason.Transient or RetryReason.Throttling), jitter, last.RetryAfter);
        var cost = RetryBudget.CostOf(reason);
        return attempts.Count < maxAttempts && wait < timeLeft && cost <= tokens
            ? new RetryDecision(reason, wait, cost)
            : RetryDecision.Stop(wait);
    }

    public static RetryReason Classify(AttemptResult attempt) => attempt switch
    {
        { Recovery: not AuthRecovery.None } => RetryReason.AuthRecovery,
        { Status: AttemptStatus.Throttled } => RetryReason.Throttling,
        { Status: AttemptStatus.TimedOut or AttemptStatus.ServerError or AttemptStatus.ResponseTruncated or AttemptStatus.ConnectFailed or AttemptStatus.ConnectionReset } => RetryReason.Transient,
        _ => RetryReason.None,
    };

    /// <summary>A random part of an exponentially growing span (full jitter), but never less than Wickr asked for.</summary>
    /// <param name="failures">The attempts so far that failed for a reason to wait, at least 1.</param>
    /// <param name="jitter">Random, from 0 to 1.</param>
    public static TimeSpan Wait(RetryReason reason, int failures, double jitter, TimeSpan? floor)
    {
        if (reason is RetryReason.AuthRecovery or RetryReason.None)
            return TimeSpan.Zero;

        var start = reason == RetryReason.Throttling ? ThrottlingBase : TransientBase;
        var longest = Math.Min(start.TotalSeconds * Math.Pow(2, failures - 1), MaxWait.TotalSeconds);
        var wait = TimeSpan.FromSeconds(longest * jitter);
        return wait > floor ? wait : floor ?? wait;
    }

    /// <summary>The value of the <c>reason</c> label.</summary>
    public static string Label(this RetryReason reason) => reason switch
    {
        RetryReason.Throttling => "throttling",
        RetryReason.AuthRecovery => "auth-recovery",
        _ => "transient",
    };
}
