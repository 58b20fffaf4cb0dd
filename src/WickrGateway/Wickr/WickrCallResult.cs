using WickrGateway.Problems;
namespace WickrGateway.Wickr;

/// <summary>How a call ended: the last attempt's verdict speaks, the outcome is reckoned over all of them.</summary>
/// <param name="Failure">Null on success.</param>
/// <param name="Answer">The last answer that arrived whole, from whichever attempt.</param>
/// <param name="Attempts">How many times Wickr was asked.</param>
/// <param name="RetryAfter">How long to leave Wickr or the gateway alone: what Wickr asked for, else what the gateway would have waited.</param>
internal sealed record WickrCallResult(AttemptStatus? Failure, WickrResponse? Answer, ChangeOutcome Outcome, int Attempts, TimeSpan? RetryAfter)
{
    public static WickrCallResult Of(WickrCallState call)
    {
        var last = call.Attempts[^1];
        var answer = call.Attempts.LastOrDefault(attempt => attempt.Answer is not null)?.Answer;
        return last.Status == AttemptStatus.Accepted
            ? new WickrCallResult(null, last.Answer, ChangeOutcome.Applied, call.Attempts.Count, null)
            : new WickrCallResult(last.Status, answer, ResponseClassifier.ResolveOutcome(call.Attempts), call.Attempts.Count, last.RetryAfter ?? call.Wait);
    }

    public static WickrCallResult NotAsked(AttemptStatus why, TimeSpan retryAfter) => new(why, null, ChangeOutcome.NotApplied, 0, retryAfter);
}
