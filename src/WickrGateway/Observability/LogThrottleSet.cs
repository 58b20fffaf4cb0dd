using System.Collections.Concurrent;

namespace WickrGateway.Observability;

/// <summary>A <see cref="LogThrottle"/> for each thing that a message can be about. Their number must be bounded by the settings. Thread-safe.</summary>
internal sealed class LogThrottleSet<T>(TimeProvider time)
    where T : notnull
{
    private readonly ConcurrentDictionary<T, LogThrottle> _throttles = new();

    /// <inheritdoc cref="LogThrottle.TryAcquire"/>
    public bool TryAcquire(T about, out int suppressed) => _throttles.GetOrAdd(about, static (_, time) => new LogThrottle(time), time).TryAcquire(out suppressed);
}
