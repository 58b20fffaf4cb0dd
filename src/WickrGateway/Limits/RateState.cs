using System.Runtime.InteropServices;

namespace WickrGateway.Limits;

/// <summary>What a request got of a rate, and what is left.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateState
{
    private const int TicksPerMicrosecond = (int)TimeSpan.TicksPerMicrosecond;

    /// <param name="ahead">How far the client is ahead of its rate, in microseconds; from 0, when nothing is used up, to the limit's capacity.</param>
    public RateState(RateLimit limit, bool isAcquired, long ahead)
    {
        IsAcquired = isAcquired;
        Remaining = (int)((limit.Capacity - ahead) / limit.Interval);
        ResetAfter = new TimeSpan(ahead * TicksPerMicrosecond);
        RetryAfter = new TimeSpan(Math.Max(0, ahead + limit.Interval - limit.UsableCapacity) * TicksPerMicrosecond);
    }

    public bool IsAcquired { get; }

    /// <summary>Whole permits left, from 0 to the burst.</summary>
    public int Remaining { get; }

    /// <summary>The time until the whole burst is available.</summary>
    public TimeSpan ResetAfter { get; }

    /// <summary>The time until a permit is available; zero when one is.</summary>
    public TimeSpan RetryAfter { get; }
}
