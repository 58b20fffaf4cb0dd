namespace WickrGateway.Limits;

/// <summary>Who is limited by a rate.</summary>
internal enum RateScope
{
    /// <summary>By its configured name.</summary>
    Caller,

    /// <summary>A remote address that fails to authenticate.</summary>
    Address,
}

/// <summary>A burst of requests at once after a pause, and one more each interval.</summary>
/// <param name="reserve">Permits that are left for other uses of the same rate; fewer than the burst.</param>
internal sealed class RateLimit(RateScope scope, int burst, double perSecond, int reserve = 0)
{
    public RateScope Scope => scope;

    public int Burst => burst;

    /// <summary>In microseconds, the unit of all of this: Redis' clock has it, and Lua's numbers are exact for it.</summary>
    public long Interval { get; } = Math.Max(1, (long)Math.Round(1_000_000 / perSecond));

    /// <summary>How far a client can be ahead of its rate.</summary>
    public long Capacity => burst * Interval;

    /// <summary>How far this use of the rate can take it.</summary>
    public long UsableCapacity => (burst - reserve) * Interval;
}
