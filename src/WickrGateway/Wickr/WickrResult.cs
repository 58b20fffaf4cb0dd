using WickrGateway.Problems;

namespace WickrGateway.Wickr;

/// <summary>Why a call ended without any attempt, or without a result.</summary>
internal enum CallFailure
{
    /// <summary>The concurrency limit and its queue were full, or the time ran out in the queue.</summary>
    Overloaded,

    /// <summary>The circuit breaker is open.</summary>
    CircuitOpen,

    /// <summary>An unexpected exception: a bug of the gateway.</summary>
    Internal,
}

/// <summary>The end of a call; made once, by the client. Either <paramref name="Status"/> or <paramref name="Failure"/> is set.</summary>
/// <param name="Status">Of the last attempt.</param>
/// <param name="Response">The last response that arrived, of whichever attempt.</param>
/// <param name="Outcome">Over all attempts.</param>
/// <param name="Attempts">How many attempts were made, those included that ended before anything was sent.</param>
/// <param name="RetryAfter">How long callers should wait: what Wickr asked for, else what the gateway would have waited.</param>
internal sealed record WickrResult(
    AttemptStatus? Status, CallFailure? Failure, WickrResponse? Response, ChangeOutcome Outcome, int Attempts, TimeSpan? RetryAfter)
{
    /// <summary>Whether <see cref="Response"/> is Wickr's 200.</summary>
    public bool IsSuccess => Status == AttemptStatus.Accepted;

    /// <summary>The users in Wickr's 200; null without one.</summary>
    public UserResults? Users { get; } = Status == AttemptStatus.Accepted && Response is { } success ? UserResults.Read(success.Body) : null;

    /// <param name="attempts">At least one.</param>
    /// <param name="wait">The wait that was computed after the last one, whether or not it was begun.</param>
    public static WickrResult From(IReadOnlyList<AttemptResult> attempts, TimeSpan? wait)
    {
        var last = attempts[^1];
        return last.Status == AttemptStatus.Accepted
            ? new WickrResult(last.Status, null, last.Response, ChangeOutcome.Applied, attempts.Count, null)
            : new WickrResult(
                last.Status,
                null,
                attempts.LastOrDefault(attempt => attempt.Response is not null)?.Response,
                ResponseClassifier.ResolveOutcome(attempts),
                attempts.Count,
                last.RetryAfter ?? wait);
    }

    public static WickrResult NotSent(CallFailure failure, TimeSpan retryAfter) => new(null, failure, null, ChangeOutcome.NotApplied, 0, retryAfter);

    public static WickrResult Unexpected(int attempts) => new(null, CallFailure.Internal, null, ChangeOutcome.Unknown, attempts, null);
}
