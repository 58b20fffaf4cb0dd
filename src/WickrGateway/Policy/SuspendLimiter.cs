using WickrGateway.Callers;
using WickrGateway.Configuration;

namespace WickrGateway.Policy;

/// <summary>
/// Applies the policy, and counts suspended users for each caller and for each network. Both counts are checked and charged under one lock,
/// so the limits are exact however many requests come at once. The counts are this process's own and are gone after a restart. Thread-safe.
/// </summary>
internal sealed class SuspendLimiter : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SuspendCount> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SuspendCount> _networks = new(StringComparer.Ordinal);
    private readonly LiveSettings<ChangePolicy> _policy;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public SuspendLimiter(LiveSettings<ChangePolicy> policy, TimeProvider time)
    {
        (_policy, _time) = (policy, time);
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>Decides and, when the change is allowed, counts its users.</summary>
    /// <returns>The reservation is null when the change is refused or nothing limits it.</returns>
    public (PolicyResult Result, SuspendReservation? Reservation) Reserve(ChangeRequest request) => Decide(request, reserve: true);

    /// <summary>Decides like <see cref="Reserve"/> and counts nothing.</summary>
    public PolicyResult Preview(ChangeRequest request) => Decide(request, reserve: false).Result;

    /// <summary>The caller's own limit and how much of it is used.</summary>
    public (SuspendLimitUsage Usage, TimeSpan Window) GetUsage(Caller caller)
    {
        var policy = _policy.Current;
        lock (_lock)
            return (Usage(Current(_callers, caller.Name, policy), policy.LimitOf(caller), new HashSet<SuspendedUser>()), policy.Window);
    }

    public void Dispose() => _sweep.Dispose();

    internal void Settle(SuspendReservation reservation, IEnumerable<SuspendedUser> users, Func<SuspendedUser, bool> isSuspended)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var user in users)
            {
                foreach (var count in reservation.Counts)
                    count.Settle(user, isSuspended(user), now);
            }
        }
    }

    private (PolicyResult Result, SuspendReservation? Reservation) Decide(ChangeRequest request, bool reserve)
    {
        var policy = _policy.Current;
        var (callerLimit, networkLimit) = (policy.LimitOf(request.Caller), policy.LimitOf(request.NetworkId));
        var users = request.Suspend ? request.UserIds.Select(id => new SuspendedUser(request.NetworkId, id)).ToHashSet() : [];
        lock (_lock)
        {
            var ofCaller = Current(_callers, request.Caller.Name, policy);
            var ofNetwork = Current(_networks, request.NetworkId, policy);
            var decision = ChangeDecision.Decide(
                request, policy.ProtectedUsersOf(request.NetworkId), Usage(ofCaller, callerLimit, users), Usage(ofNetwork, networkLimit, users));
            var freeAt = decision is ChangeDecision.LimitExceeded exceeded ? FindFreeAt(exceeded, exceeded.IsOfCaller ? ofCaller : ofNetwork, users, policy.Window) : null;
            var result = new PolicyResult(request, decision, policy.Window, freeAt);
            if (!reserve || users.Count == 0 || decision is not ChangeDecision.Allowed)
                return (result, null);

            List<SuspendCount> counts = [];
            if (callerLimit > 0)
                counts.Add(_callers[request.Caller.Name] = ofCaller ?? new SuspendCount());

            if (networkLimit > 0)
                counts.Add(_networks[request.NetworkId] = ofNetwork ?? new SuspendCount());

            foreach (var count in counts)
                count.Reserve(users);

            return (result, counts.Count > 0 ? new SuspendReservation(this, counts, users) : null);
        }
    }

    private SuspendCount? Current(Dictionary<string, SuspendCount> counts, string name, ChangePolicy policy)
    {
        var count = counts.GetValueOrDefault(name);
        count?.ForgetUntil(WindowStart(policy));
        return count;
    }

    private static SuspendLimitUsage Usage(SuspendCount? count, int limit, HashSet<SuspendedUser> users) =>
        new(limit, count?.Used ?? 0, count?.CountNew(users) ?? users.Count);

    /// <summary>When the request would be allowed if nothing else happened; null when never, or when that depends on requests under way.</summary>
    private DateTimeOffset? FindFreeAt(ChangeDecision.LimitExceeded exceeded, SuspendCount? count, HashSet<SuspendedUser> users, TimeSpan window)
    {
        var (limit, used, requested) = exceeded.Usage;
        if (count is null || users.Count > limit)
            return null;

        // Of the others that count, so many must be forgotten; those of the request itself do not matter.
        var others = used - (users.Count - requested);
        return count.FindOldest(others + users.Count - limit, users) is { } suspendedAt ? _time.GetUtcNow() + window - _time.GetElapsedTime(suspendedAt) : null;
    }

    private long WindowStart(ChangePolicy policy) => _time.GetTimestamp() - (long)(policy.Window.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Drops the counts of callers and networks that have nothing to count any more.</summary>
    private void Sweep()
    {
        lock (_lock)
        {
            var start = WindowStart(_policy.Current);
            foreach (var counts in (ReadOnlySpan<Dictionary<string, SuspendCount>>)[_callers, _networks])
            {
                foreach (var (name, count) in counts)
                {
                    count.ForgetUntil(start);
                    if (count.Used == 0)
                        counts.Remove(name);
                }
            }
        }
    }
}
