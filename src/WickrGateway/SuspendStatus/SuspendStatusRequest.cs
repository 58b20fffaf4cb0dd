namespace WickrGateway.SuspendStatus;

/// <summary>A call that has passed every rule: what Wickr is asked, and nothing else.</summary>
/// <param name="NetworkId">Exactly 8 ASCII digits.</param>
/// <param name="Suspend">True suspends, false unsuspends; it sets the state, it does not flip it.</param>
/// <param name="UserIds">1 to 50 ids of 1 to 10 ASCII digits, as the caller wrote them and in that order.</param>
/// <param name="ClientToken">The idempotency token, the same on every attempt.</param>
internal sealed record SuspendStatusRequest(string NetworkId, bool Suspend, IReadOnlyList<string> UserIds, string ClientToken);
