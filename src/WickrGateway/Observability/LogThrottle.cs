namespace WickrGateway.Observability;

/// <summary>Lets one line through in a minute and counts the others, so that a fault of every call is not a line of every call.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _last;
    private int _suppressed;

    /// <param name="suppressed">The lines held back since the last one that was let through.</param>
    public bool TryAcquire(out int suppressed)
    {
        lock (_gate)
        {
            suppressed = _suppressed;
            if (_last is { } last && time.GetElapsedTime(last) < Pause)
            {
                _suppressed++;
                return false;
            }

            _last = time.GetTimestamp();
            _suppressed = 0;
            return true;
        }
    }
}
