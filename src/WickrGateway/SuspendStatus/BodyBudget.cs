using WickrGateway.Observability;

namespace WickrGateway.SuspendStatus;

/// <summary>Limits the memory for all bodies that are being read at once: a client may take minutes to send the last byte. Thread-safe.</summary>
internal sealed partial class BodyBudget(ILogger<BodyBudget> logger, TimeProvider time)
{
    /// <summary>512 of the usual maximum length. Those that are sent whole are read within a millisecond.</summary>
    private const long MaxBytes = 32 * 1024 * 1024;

    private readonly LogThrottle _throttle = new(time);
    private long _reserved;

    /// <summary>Each call that returns true must be followed by one of <see cref="Release"/> with the same number.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _reserved, bytes) <= MaxBytes)
            return true;

        Release(bytes);
        if (_throttle.TryAcquire(out var suppressed))
            Log.Exhausted(logger, suppressed);

        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref _reserved, -bytes);

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "The gateway is reading too many bodies at once. Callers get overloaded and should wait. Find the callers that do not finish their bodies (408 in the audit), or add replicas. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Exhausted(ILogger logger, int suppressed);
    }
}
