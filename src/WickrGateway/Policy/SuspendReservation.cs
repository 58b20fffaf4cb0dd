using WickrGateway.Limits;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Policy;

/// <summary>The users of one request, counted before it is sent. What is not settled when it is disposed stays counted: it may have happened.</summary>
internal sealed class SuspendReservation(ILimitStore store, SuspendCharge charge) : IDisposable
{
    private readonly HashSet<SuspendedUser> _unsettled = [.. charge.Users];

    /// <summary>Ends the reservation of all users that are left.</summary>
    /// <inheritdoc cref="Settle(IEnumerable{string}, WickrResult?)"/>
    public void Settle(WickrResult? result) => Settle([.. _unsettled.Select(user => user.UserId)], result);

    /// <summary>Ends the reservation of these users, and stops counting those that were certainly not suspended.</summary>
    /// <param name="result">Wickr's, of these users; null when nothing was sent.</param>
    public void Settle(IEnumerable<string> userIds, WickrResult? result)
    {
        var outcome = result?.Outcome ?? ChangeOutcome.NotApplied;
        var failed = IdsOf(result?.Users?.Failed);
        failed.ExceptWith(IdsOf(result?.Users?.Successful));
        Settle(userIds, user => outcome != ChangeOutcome.NotApplied && !failed.Contains(user.UserId));
    }

    /// <summary>Ends the reservation of these users, who may have been suspended.</summary>
    public void Keep(IEnumerable<string> userIds) => Settle(userIds, static _ => true);

    public void Dispose() => Keep([.. _unsettled.Select(user => user.UserId)]);

    private static HashSet<string?> IdsOf(IReadOnlyList<UserResult>? users) => (users ?? []).Select(user => user.UserId).ToHashSet(StringComparer.Ordinal);

    private void Settle(IEnumerable<string> userIds, Func<SuspendedUser, bool> isSuspended)
    {
        SuspendedUser[] users = [.. userIds.Select(id => new SuspendedUser(charge.NetworkId, id)).Where(_unsettled.Remove)];
        if (users.Length > 0)
            store.Settle(charge, [.. users.Where(isSuspended)], [.. users.Where(user => !isSuspended(user))]);
    }
}
