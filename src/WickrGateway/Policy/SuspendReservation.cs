using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Policy;

/// <summary>The users of one request, counted before it is sent. What is not settled when it is disposed stays counted: it may have happened.</summary>
internal sealed class SuspendReservation(SuspendLimiter limiter, IReadOnlyList<SuspendCount> counts, HashSet<SuspendedUser> users) : IDisposable
{
    public IReadOnlyList<SuspendCount> Counts => counts;

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
        limiter.Settle(this, users, isSuspended);
        users.Clear();
    }
}
