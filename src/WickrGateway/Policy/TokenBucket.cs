using System.Runtime.InteropServices;

namespace WickrGateway.Policy;

/// <summary>What a bucket holds at one moment.</summary>
/// <param name="Remaining">Whole permits left.</param>
/// <param name="ResetAfter">Until the whole burst is there again.</param>
/// <param name="RetryAfter">Until one permit is there; zero when there is one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BucketState(int Remaining, TimeSpan ResetAfter, TimeSpan RetryAfter);

/// <summary>A token bucket that tells its state, which the framework's limiter does not. It begins full; whoever holds it locks.</summary>
internal sealed class TokenBucket
{
    private readonly double _burst;
    private readonly double _permitsPerSecond;
    private readonly TimeProvider _time;
    private double _permits;
    private long _at;

    public TokenBucket(double burst, double permitsPerSecond, TimeProvider time)
    {
        _burst = _permits = burst;
        _permitsPerSecond = permitsPerSecond;
        _time = time;
        _at = time.GetTimestamp();
    }

    public bool TryTake()
    {
        Refill();
        if (_permits < 1)
            return false;

        _permits--;
        return true;
    }

    public BucketState State()
    {
        Refill();
        return new BucketState(
            (int)_permits,
            TimeSpan.FromSeconds((_burst - _permits) / _permitsPerSecond),
            TimeSpan.FromSeconds(Math.Max(0, 1 - _permits) / _permitsPerSecond));
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        if (now <= _at)
            return;

        _permits = Math.Min(_burst, _permits + (_time.GetElapsedTime(_at, now).TotalSeconds * _permitsPerSecond));
        _at = now;
    }
}
