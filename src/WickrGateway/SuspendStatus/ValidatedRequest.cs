using WickrGateway.Audit;

namespace WickrGateway.SuspendStatus;

/// <summary>A request that passed every rule.</summary>
/// <param name="NetworkId">Exactly 8 ASCII digits.</param>
/// <param name="Suspend">True suspends, false unsuspends; it sets the state.</param>
/// <param name="UserIds">1 to 50 ids of 1 to 10 ASCII digits, as the caller wrote them and in that order.</param>
/// <param name="ClientToken">The caller's idempotency token, or one that the gateway made.</param>
/// <param name="TimeLimit">The caller's shorter total time, from <c>X-Request-Timeout</c>.</param>
/// <param name="Reason">From <c>X-Audit-Reason</c>; for the audit only, never sent to Wickr.</param>
internal sealed record ValidatedRequest(string NetworkId, bool Suspend, IReadOnlyList<string> UserIds, string ClientToken, TimeSpan? TimeLimit, string? Reason)
{
    public RequestedChange Change { get; } = new(Suspend ? SuspendStatusRules.SuspendAction : SuspendStatusRules.UnsuspendAction, UserIds, ClientToken, Reason);
}
