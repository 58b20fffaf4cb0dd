namespace WickrGateway.Limits;

/// <summary>How both limits were used before a request, and whether its users were counted.</summary>
/// <param name="FreeAfter">For an exceeded limit, the caller's before the network's: in how long the request would be within it, if nothing else happened; null when that is not known.</param>
internal sealed record SuspendCounts(bool IsReserved, SuspendLimitUsage OfCaller, SuspendLimitUsage OfNetwork, TimeSpan? FreeAfter)
{
    public bool IsExceeded => OfCaller.IsExceeded || OfNetwork.IsExceeded;

    /// <summary>For a charge that nothing limits.</summary>
    public static SuspendCounts Unlimited { get; } = new(IsReserved: false, default, default, FreeAfter: null);
}
