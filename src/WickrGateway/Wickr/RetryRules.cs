namespace WickrGateway.Wickr;

/// <summary>Why an attempt is worth another one.</summary>
internal enum RetryReason
{
    /// <summary>It is not: another attempt would end the same way, or do harm.</summary>
    None,

    /// <summary>A fault that may be gone in a moment.</summary>
    Transient,

    /// <summary>Wickr asked for fewer requests.</summary>
    Throttling,

    /// <summary>What Wickr refused was the gateway's clock or an expired session, and that has been mended.</summary>
    AuthRecovery,
}

/// <summary>When to try again, and when not. Pure rules with the figures that AWS published for its clients in 2026 (SDK reference guide, retry behavior).</summary>
internal static class RetryRules
{
    public static readonly TimeSpan TransientBase = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan ThrottlingBase = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    public static RetryReason Reason(Attempt attempt) => attempt switch
    {
        { IsMended: true } => RetryReason.AuthRecovery,
        { Status: AttemptStatus.Throttled } => RetryReason.Throttling,
        { Status: AttemptStatus.TimedOut or AttemptStatus.ServerError or AttemptStatus.ResponseTruncated or AttemptStatus.ConnectFailed or AttemptStatus.ConnectionReset } => RetryReason.Transient,
        _ => RetryReason.None,
    };

    /// <summary>A random part of an exponentially growing span (full jitter), but never less than Wickr asked for.</summary>
    /// <param name="failures">The attempts so far that failed for a reason to wait, at least 1.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan Wait(RetryReason reason, int failures, double random, TimeSpan? floor)
    {
        if (reason is RetryReason.AuthRecovery or RetryReason.None)
            return TimeSpan.Zero;

        var start = reason == RetryReason.Throttling ? ThrottlingBase : TransientBase;
        var longest = Math.Min(start.TotalSeconds * Math.Pow(2, failures - 1), LongestWait.TotalSeconds);
        var wait = TimeSpan.FromSeconds(longest * random);
        return wait > floor ? wait : floor ?? wait;
    }

    /// <summary>
    /// Whether there is another attempt. Reckons the wait in any case, because a throttled caller is told it, and takes from the budget only
    /// when the attempt really follows.
    /// </summary>
    public static bool Decide(WickrCallState call, int maxAttempts, RetryBudget budget, double random)
    {
        if (call.LastAttempt is not { } last)
            return false;

        var reason = Reason(last);
        var failures = call.Attempts.Count(attempt => Reason(attempt) is RetryReason.Transient or RetryReason.Throttling);
        call.Wait = reason == RetryReason.None ? null : Wait(reason, failures, random, last.RetryAfter);
        if (call.Wait is not { } wait || call.Attempts.Count >= maxAttempts || wait >= call.TimeLeft)
            return false;

        if (reason == RetryReason.AuthRecovery)
            return true;

        return budget.TryTake(call, reason);
    }
}
