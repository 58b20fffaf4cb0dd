using System.Collections.Concurrent;

namespace WickrGateway.Policy;

/// <summary>Each caller's own rate, told in the headers of draft-ietf-httpapi-ratelimit-headers. Callers are known by name, so a rate outlives a change of the settings.</summary>
internal sealed class CallerRateLimiter(RateLimitOptions options, TimeProvider time)
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StateHeader = "RateLimit";

    private readonly RateLimitOptions _options = options;
    private readonly ConcurrentDictionary<string, TokenBucket> _rates = new(StringComparer.Ordinal);
    private readonly string _policy =
        $"\"caller\";q={options.Burst};w={Math.Max(1, (options.Burst + options.PermitsPerSecond - 1) / options.PermitsPerSecond)}";

    /// <summary>Tells the caller where it stands, without taking anything.</summary>
    public void Tell(string caller, HttpResponse response)
    {
        var rate = Of(caller);
        lock (rate)
            Write(response, rate.State());
    }

    /// <summary>Takes a permit. When there is none: how long until there is one.</summary>
    public TimeSpan? TryAcquire(string caller, HttpResponse response)
    {
        var rate = Of(caller);
        lock (rate)
        {
            var taken = rate.TryTake();
            var state = rate.State();
            Write(response, state);
            return taken ? null : state.RetryAfter;
        }
    }

    private TokenBucket Of(string caller) => _rates.GetOrAdd(caller, static (_, own) => new TokenBucket(own._options.Burst, own._options.PermitsPerSecond, own.time), (_options, time));

    private void Write(HttpResponse response, BucketState state)
    {
        response.Headers[PolicyHeader] = _policy;
        response.Headers[StateHeader] = $"\"caller\";r={state.Remaining};t={Math.Ceiling(state.ResetAfter.TotalSeconds)}";
    }
}
