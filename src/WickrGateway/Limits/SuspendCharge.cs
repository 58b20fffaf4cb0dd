namespace WickrGateway.Limits;

/// <summary>The users that a request would suspend, and the counts that limit it.</summary>
/// <param name="Caller">By name.</param>
/// <param name="CallerLimit">Distinct users within the window; 0 for no limit, and then they are not counted either.</param>
/// <param name="NetworkLimit">The same for the network.</param>
/// <param name="Users">Not changed any more.</param>
/// <param name="Window">How long a user counts after it was suspended.</param>
/// <param name="MaxDuration">How long the request can be under way. Only a process that ends in the middle of it leaves it at that.</param>
internal sealed record SuspendCharge(
    string Caller, int CallerLimit, string NetworkId, int NetworkLimit, HashSet<SuspendedUser> Users, TimeSpan Window, TimeSpan MaxDuration)
{
    private string? _id;

    /// <summary>Of the request; unique among all replicas. Made when a shared store asks for it first.</summary>
    public string Id => _id ??= Guid.NewGuid().ToString("N");

    public bool IsLimited => CallerLimit > 0 || NetworkLimit > 0;

    /// <summary>Nothing that is sent; to look at a caller's count alone.</summary>
    public static SuspendCharge Nothing(string caller, int callerLimit, TimeSpan window) =>
        new(caller, callerLimit, "", NetworkLimit: 0, [], window, TimeSpan.Zero);
}
