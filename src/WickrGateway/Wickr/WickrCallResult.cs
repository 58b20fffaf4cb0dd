namespace WickrGateway.Wickr;

/// <summary>How a call ended: the last attempt's verdict speaks, the outcome is reckoned over all of them.</summary>
/// <param name="Failure">Null on success.</param>
/// <param name="Answer">The last answer that arrived whole, from whichever attempt.</param>
/// <param name="Attempts">How many times Wickr was asked.</param>
/// <param name="RetryAfter">How long Wickr wants to be left alone, if it said so.</param>
internal sealed record WickrCallResult(Verdict? Failure, WickrAnswer? Answer, Outcome Outcome, int Attempts, TimeSpan? RetryAfter)
{
    public static WickrCallResult Of(IReadOnlyList<Attempt> attempts)
    {
        var last = attempts.Count == 0 ? null : attempts[^1];
        var answer = attempts.LastOrDefault(attempt => attempt.Answer is not null)?.Answer;
        return last?.Verdict == Verdict.Accepted
            ? new WickrCallResult(null, last.Answer, Outcome.Applied, attempts.Count, null)
            : new WickrCallResult(last?.Verdict ?? Verdict.TimedOut, answer, Verdicts.Outcome(attempts), attempts.Count, last?.RetryAfter);
    }
}
