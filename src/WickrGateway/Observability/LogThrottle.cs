namespace WickrGateway.Observability;

/// <summary>Lets one message through each minute and counts the others, so that a failure of every call is not a line for every call.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _last;
    private int _suppressed;

    /// <param name="suppressed">The messages held back since the last one that was let through.</param>
    public bool TryAcquire(out int suppressed)
    {
        lock (_gate)
        {
            suppressed = _suppressed;
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
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
