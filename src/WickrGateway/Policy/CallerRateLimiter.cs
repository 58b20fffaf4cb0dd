using System.Collections.Concurrent;

namespace WickrGateway.Policy;

/// <summary>
/// Limits each caller's requests and reports its limit in the headers of draft-ietf-httpapi-ratelimit-headers. Callers are identified by
/// name, so a bucket keeps its state when the callers are reloaded. Thread-safe.
/// </summary>
internal sealed class CallerRateLimiter(RateLimitOptions options, TimeProvider time)
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StateHeader = "RateLimit";

    private readonly RateLimitOptions _options = options;
    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

    /// <summary><c>q</c> is the burst in requests, <c>w</c> the seconds in which it refills, rounded up.</summary>
    private readonly string _policy =
        $"\"caller\";q={options.Burst};w={Math.Max(1, (options.Burst + options.PermitsPerSecond - 1) / options.PermitsPerSecond)}";

    /// <summary>Takes a permit if one is available, and writes the state after that into the headers.</summary>
    /// <param name="retryAfter">The time until a permit is available; zero when the bucket still has one.</param>
    public bool TryAcquire(string callerName, HttpResponse response, out TimeSpan retryAfter)
    {
        var bucket = GetBucket(callerName);
        lock (bucket)
        {
            var isAcquired = bucket.TryAcquire();
            var state = bucket.GetState();
            WriteHeaders(response, state);
            retryAfter = state.RetryAfter;
            return isAcquired;
        }
    }

    private TokenBucket GetBucket(string callerName) =>
        _buckets.GetOrAdd(callerName, static (_, self) => new TokenBucket(self._options.Burst, self._options.PermitsPerSecond, self.time), (_options, time));

    private void WriteHeaders(HttpResponse response, BucketState state)
    {
        response.Headers[PolicyHeader] = _policy;
        // r: requests left, t: seconds until the bucket is full, rounded up.
        response.Headers[StateHeader] = $"\"caller\";r={state.Remaining};t={Math.Ceiling(state.ResetAfter.TotalSeconds)}";
    }
}
