using WickrGateway.Audit;
using WickrGateway.Callers;

namespace WickrGateway.SuspendStatus;

/// <summary>A request that passed every rule.</summary>
/// <param name="NetworkId">Exactly 8 ASCII digits.</param>
/// <param name="Suspend">True suspends, false unsuspends; it sets the state.</param>
/// <param name="UserIds">1 to 50 ids of 1 to 10 ASCII digits, as the caller wrote them and in that order.</param>
/// <param name="CallerToken">The caller's own idempotency token; null when it sent none.</param>
/// <param name="TimeLimit">The caller's shorter total time, from <c>X-Request-Timeout</c>.</param>
/// <param name="Reason">For the audit only, never sent to Wickr; null when the caller sent none.</param>
internal sealed record ValidatedRequest(string NetworkId, bool Suspend, IReadOnlyList<string> UserIds, string? CallerToken, TimeSpan? TimeLimit, string? Reason)
{
    /// <summary>The change with the token that Wickr gets: the caller's, or one made here.</summary>
    public RequestedChange Change { get; } = new(CallerActions.Of(Suspend), UserIds, CallerToken ?? Guid.NewGuid().ToString(), Reason);
}
