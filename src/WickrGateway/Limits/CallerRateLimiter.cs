namespace WickrGateway.Limits;

/// <summary>
/// Limits each caller's requests and reports its limit in the headers of draft-ietf-httpapi-ratelimit-headers. Callers are identified by
/// name, so a rate keeps its state when the callers are reloaded. Thread-safe.
/// </summary>
internal sealed class CallerRateLimiter(RateLimitOptions options, ILimitStore store)
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StateHeader = "RateLimit";

    /// <summary>A quarter of the burst: while a list waits for its rate, an urgent request must not.</summary>
    private const int ReservedShare = 4;

    private readonly RateLimit _limit = new(RateScope.Caller, options.Burst, options.PermitsPerSecond);
    private readonly RateLimit _batches = new(RateScope.Caller, options.Burst, options.PermitsPerSecond, reserve: options.Burst / ReservedShare);

    /// <summary><c>q</c> is the burst in requests, <c>w</c> the seconds in which it refills, rounded up.</summary>
    private readonly string _policy =
        $"\"caller\";q={options.Burst};w={Math.Max(1, (options.Burst + options.PermitsPerSecond - 1) / options.PermitsPerSecond)}";

    /// <summary>Takes a permit if one is available.</summary>
    public ValueTask<RateState> AcquireAsync(string callerName) => store.AcquireAsync(_limit, callerName);

    /// <summary>Takes a permit for a further batch of a bulk request if that leaves some for the caller's other requests.</summary>
    public ValueTask<RateState> AcquireForBatchAsync(string callerName) => store.AcquireAsync(_batches, callerName);

    public void WriteHeaders(HttpResponse response, RateState state)
    {
        response.Headers[PolicyHeader] = _policy;
        // r: requests left, t: seconds until all are available, rounded up.
        response.Headers[StateHeader] = $"\"caller\";r={state.Remaining};t={Math.Ceiling(state.ResetAfter.TotalSeconds)}";
    }
}
