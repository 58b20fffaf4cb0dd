using WickrGateway.Limits;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Policy;

/// <summary>The users of one request, counted before it is sent. What is not settled when it is disposed stays counted: it may have happened.</summary>
internal sealed class SuspendReservation(ILimitStore store, SuspendCharge charge) : IDisposable
{
    private readonly HashSet<SuspendedUser> _unsettled = [.. charge.Users];

    /// <summary>Stops counting the users that were certainly not suspended.</summary>
    /// <param name="result">Wickr's, of all users of the reservation; null when nothing was sent.</param>
    public void Settle(WickrResult? result)
    {
        var outcome = result?.Outcome ?? ChangeOutcome.NotApplied;
        var failed = IdsOf(result?.Users?.Failed);
        failed.ExceptWith(IdsOf(result?.Users?.Successful));
        SettleAll(user => outcome != ChangeOutcome.NotApplied && !failed.Contains(user.UserId));
    }

    public void Dispose() => SettleAll(static _ => true);

    private static HashSet<string?> IdsOf(IReadOnlyList<UserResult>? users) => (users ?? []).Select(user => user.UserId).ToHashSet(StringComparer.Ordinal);

    private void SettleAll(Func<SuspendedUser, bool> isSuspended)
    {
        if (_unsettled.Count == 0)
            return;

        var users = _unsettled.ToLookup(isSuspended);
        store.Settle(charge, [.. users[true]], [.. users[false]]);
        _unsettled.Clear();
    }
}
