using WickrGateway.Audit;
using WickrGateway.Callers;

namespace WickrGateway.SuspendStatus;

/// <summary>A request that passed every rule.</summary>
/// <param name="networkId">Exactly 8 ASCII digits.</param>
/// <param name="suspend">True suspends, false unsuspends; it sets the state.</param>
/// <param name="userIds">1 to 50 ids, or 1 to 5,000 distinct ones for a bulk request, of 1 to 10 ASCII digits, as the caller wrote them and in that order.</param>
/// <param name="callerToken">The caller's own idempotency token; null when it sent none.</param>
/// <param name="timeLimit">The caller's shorter total time, from <c>X-Request-Timeout</c>.</param>
/// <param name="reason">For the audit only, never sent to Wickr; null when the caller sent none.</param>
/// <remarks>Not a record: a copy with other users would keep the change of these.</remarks>
internal sealed class ValidatedRequest(string networkId, bool suspend, IReadOnlyList<string> userIds, string? callerToken, TimeSpan? timeLimit, string? reason)
{
    public string NetworkId => networkId;

    public bool Suspend => suspend;

    public IReadOnlyList<string> UserIds => userIds;

    public string? CallerToken => callerToken;

    public TimeSpan? TimeLimit => timeLimit;

    public string? Reason => reason;

    /// <summary>The change with the token that Wickr gets: the caller's, or one made here.</summary>
    public RequestedChange Change { get; } = new(CallerActions.Of(suspend), userIds, callerToken ?? Guid.NewGuid().ToString(), reason);
}
