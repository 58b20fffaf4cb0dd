namespace WickrGateway.Wickr;

/// <summary>How a call ended: the last attempt's verdict speaks, the outcome is reckoned over all of them.</summary>
/// <param name="Failure">Null on success.</param>
/// <param name="Answer">The last answer that arrived whole, from whichever attempt.</param>
/// <param name="Attempts">How many times Wickr was asked.</param>
/// <param name="RetryAfter">How long to leave Wickr or the gateway alone: what Wickr asked for, else what the gateway would have waited.</param>
internal sealed record WickrCallResult(Verdict? Failure, WickrAnswer? Answer, Outcome Outcome, int Attempts, TimeSpan? RetryAfter)
{
    public static WickrCallResult Of(WickrCall call)
    {
        var last = call.Attempts[^1];
        var answer = call.Attempts.LastOrDefault(attempt => attempt.Answer is not null)?.Answer;
        return last.Verdict == Verdict.Accepted
            ? new WickrCallResult(null, last.Answer, Outcome.Applied, call.Attempts.Count, null)
            : new WickrCallResult(last.Verdict, answer, Verdicts.Outcome(call.Attempts), call.Attempts.Count, last.RetryAfter ?? call.Wait);
    }

    public static WickrCallResult NotAsked(Verdict why, TimeSpan retryAfter) => new(why, null, Outcome.NotApplied, 0, retryAfter);
}
