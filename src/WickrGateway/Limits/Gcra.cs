namespace WickrGateway.Limits;

/// <summary>
/// A rate by the generic cell rate algorithm: a token bucket whose only state is the time at which it will be full. The same as
/// <c>rate.lua</c>. It starts full. Thread-safe.
/// </summary>
internal sealed class Gcra(TimeProvider time)
{
    private readonly Lock _lock = new();

    private readonly long _start = time.GetTimestamp();

    /// <summary>In microseconds since the start.</summary>
    private long _fullAt;

    /// <param name="limit">With the same burst and interval in all calls.</param>
    public RateState Acquire(RateLimit limit)
    {
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerMicrosecond;
            var ahead = Math.Max(0, _fullAt - now);
            var isAcquired = ahead + limit.Interval <= limit.UsableCapacity;
            if (isAcquired)
                ahead += limit.Interval;

            _fullAt = now + ahead;
            return new RateState(limit, isAcquired, ahead);
        }
    }
}
