using System.Runtime.InteropServices;

namespace WickrGateway.Policy;

/// <summary>The state of a bucket at one moment.</summary>
/// <param name="Remaining">Whole permits left, from 0 to the burst.</param>
/// <param name="ResetAfter">The time until the bucket is full.</param>
/// <param name="RetryAfter">The time until a permit is available; zero when one is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BucketState(int Remaining, TimeSpan ResetAfter, TimeSpan RetryAfter);

/// <summary>A token bucket that exposes its state, which the framework's limiter does not. It starts full. Not thread-safe: its users lock it.</summary>
internal sealed class TokenBucket
{
    private readonly double _burst;
    private readonly double _permitsPerSecond;
    private readonly TimeProvider _time;
    private double _permits;
    private long _refilledAt;

    /// <param name="burst">The capacity in permits, at least 1.</param>
    /// <param name="permitsPerSecond">The refill rate, above 0.</param>
    public TokenBucket(double burst, double permitsPerSecond, TimeProvider time)
    {
        _burst = _permits = burst;
        _permitsPerSecond = permitsPerSecond;
        _time = time;
        _refilledAt = time.GetTimestamp();
    }

    public bool TryAcquire()
    {
        Refill();
        if (_permits < 1)
            return false;

        _permits--;
        return true;
    }

    public BucketState GetState()
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
        if (now <= _refilledAt)
            return;

        _permits = Math.Min(_burst, _permits + (_time.GetElapsedTime(_refilledAt, now).TotalSeconds * _permitsPerSecond));
        _refilledAt = now;
    }
}
