using WickrGateway.Limits;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Policy;

/// <summary>The users of one request, counted before it is sent. What is not settled when it is disposed stays counted: it may have happened.</summary>
internal sealed class SuspendReservation(ILimitStore store, SuspendCharge charge) : IDisposable
{
    private static readonly HashSet<SuspendedUser> None = [];

    /// <summary>Null while it is all of them, as it always is but for bulk requests.</summary>
    private HashSet<SuspendedUser>? _unsettled;

    /// <summary>Ends the reservation of all users that are left.</summary>
    /// <inheritdoc cref="Settle(IEnumerable{string}, WickrResult?)"/>
    public void Settle(WickrResult? result) => Settle(TakeAll(), result);

    /// <summary>Ends the reservation of these users, and stops counting those that were certainly not suspended.</summary>
    /// <param name="result">Wickr's, of these users; null when nothing was sent.</param>
    public void Settle(IEnumerable<string> userIds, WickrResult? result) => Settle(Take(userIds), result);

    /// <summary>Ends the reservation of these users, who may have been suspended.</summary>
    public void Keep(IEnumerable<string> userIds) => Keep(Take(userIds));

    public void Dispose() => Keep(TakeAll());

    private HashSet<SuspendedUser> TakeAll()
    {
        var all = _unsettled ?? charge.Users;
        _unsettled = None;
        return all;
    }

    private SuspendedUser[] Take(IEnumerable<string> userIds)
    {
        var unsettled = _unsettled ??= new HashSet<SuspendedUser>(charge.Users);
        return [.. userIds.Select(id => new SuspendedUser(charge.NetworkId, id)).Where(unsettled.Remove)];
    }

    private void Settle(IReadOnlyCollection<SuspendedUser> users, WickrResult? result)
    {
        if (users.Count == 0)
            return;

        if (result is null || result.Outcome == ChangeOutcome.NotApplied)
        {
            store.Settle(charge, suspended: [], released: users);
            return;
        }

        if (result.Users?.Failed is not { Count: > 0 } failures)
        {
            Keep(users);
            return;
        }

        var failed = failures.Select(user => user.UserId).ToHashSet(StringComparer.Ordinal);
        failed.ExceptWith((result.Users.Successful ?? []).Select(user => user.UserId));
        store.Settle(charge, [.. users.Where(user => !failed.Contains(user.UserId))], [.. users.Where(user => failed.Contains(user.UserId))]);
    }

    private void Keep(IReadOnlyCollection<SuspendedUser> users)
    {
        if (users.Count > 0)
            store.Settle(charge, suspended: users, released: []);
    }
}
