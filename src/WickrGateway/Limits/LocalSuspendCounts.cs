namespace WickrGateway.Limits;

/// <summary>
/// Counts suspended users for each caller and for each network in this process. Both counts are checked and charged under one lock, so the
/// limits are exact however many requests come at once. Thread-safe.
/// </summary>
internal sealed class LocalSuspendCounts : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SuspendCount> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SuspendCount> _networks = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public LocalSuspendCounts(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <inheritdoc cref="ILimitStore.PreviewAsync"/>
    public SuspendCounts Preview(SuspendCharge charge)
    {
        lock (_lock)
            return Look(charge);
    }

    /// <inheritdoc cref="ILimitStore.ReserveAsync"/>
    public SuspendCounts Reserve(SuspendCharge charge)
    {
        lock (_lock)
        {
            var counts = Look(charge);
            if (counts.IsExceeded || charge.Users.Count == 0 || !charge.IsLimited)
                return counts;

            Add(charge);
            return counts with { IsReserved = true };
        }
    }

    /// <summary>Counts users that another store has allowed.</summary>
    public void Record(SuspendCharge charge)
    {
        lock (_lock)
            Add(charge);
    }

    /// <inheritdoc cref="ILimitStore.Settle"/>
    public void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released)
    {
        lock (_lock)
        {
            if (charge.CallerLimit > 0)
                Settle(_callers[charge.Caller], suspended, released);

            if (charge.NetworkLimit > 0)
                Settle(_networks[charge.NetworkId], suspended, released);
        }
    }

    /// <summary>All users that were suspended within their windows.</summary>
    public IReadOnlyList<SuspendCountSnapshot> TakeSnapshot()
    {
        lock (_lock)
        {
            return
            [
                .. _callers.Select(count => new SuspendCountSnapshot(SuspendScope.Caller, count.Key, count.Value.Window, Ages(count.Value))),
                .. _networks.Select(count => new SuspendCountSnapshot(SuspendScope.Network, count.Key, count.Value.Window, Ages(count.Value))),
            ];
        }
    }

    public void Dispose() => _sweep.Dispose();

    private SuspendCounts Look(SuspendCharge charge)
    {
        var caller = Usage(Current(_callers, charge.Caller, charge), charge.CallerLimit, charge);
        var network = Usage(Current(_networks, charge.NetworkId, charge), charge.NetworkLimit, charge);
        var freeAfter = caller.IsExceeded ? FindFreeAfter(_callers.GetValueOrDefault(charge.Caller), caller, charge)
            : network.IsExceeded ? FindFreeAfter(_networks.GetValueOrDefault(charge.NetworkId), network, charge)
            : null;
        return new SuspendCounts(IsReserved: false, caller, network, freeAfter);
    }

    private void Add(SuspendCharge charge)
    {
        if (charge.CallerLimit > 0)
            Add(_callers, charge.Caller, charge);

        if (charge.NetworkLimit > 0)
            Add(_networks, charge.NetworkId, charge);
    }

    private void Add(Dictionary<string, SuspendCount> counts, string name, SuspendCharge charge)
    {
        if (Current(counts, name, charge) is not { } count)
            counts.Add(name, count = new SuspendCount { Window = charge.Window });

        count.Reserve(charge.Users);
    }

    private void Settle(SuspendCount count, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released)
    {
        var now = _time.GetTimestamp();
        foreach (var user in suspended)
            count.Settle(user, isSuspended: true, now);

        foreach (var user in released)
            count.Settle(user, isSuspended: false, now);
    }

    private SuspendCount? Current(Dictionary<string, SuspendCount> counts, string name, SuspendCharge charge)
    {
        var count = counts.GetValueOrDefault(name);
        if (count is null)
            return null;

        count.Window = charge.Window;
        count.ForgetUntil(WindowStart(charge.Window));
        return count;
    }

    private static SuspendLimitUsage Usage(SuspendCount? count, int limit, SuspendCharge charge) =>
        limit == 0 ? default : new SuspendLimitUsage(limit, count?.Used ?? 0, count?.CountNew(charge.Users) ?? charge.Users.Count);

    /// <summary>Null when never, or when that depends on requests under way.</summary>
    private TimeSpan? FindFreeAfter(SuspendCount? count, SuspendLimitUsage usage, SuspendCharge charge)
    {
        if (count is null || charge.Users.Count > usage.Limit)
            return null;

        // Of the others that count, so many must be forgotten; those of the request itself do not matter.
        var others = usage.Used - (charge.Users.Count - usage.Requested);
        return count.FindOldest(others + charge.Users.Count - usage.Limit, charge.Users) is { } suspendedAt ? charge.Window - _time.GetElapsedTime(suspendedAt) : null;
    }

    private List<(SuspendedUser User, TimeSpan Age)> Ages(SuspendCount count) => [.. count.Settled.Select(settled => (settled.User, _time.GetElapsedTime(settled.SuspendedAt)))];

    private long WindowStart(TimeSpan window) => _time.GetTimestamp() - (long)(window.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Drops the counts of callers and networks that have nothing to count any more.</summary>
    private void Sweep()
    {
        lock (_lock)
        {
            foreach (var counts in (ReadOnlySpan<Dictionary<string, SuspendCount>>)[_callers, _networks])
            {
                foreach (var (name, count) in counts)
                {
                    count.ForgetUntil(WindowStart(count.Window));
                    if (count.Used == 0)
                        counts.Remove(name);
                }
            }
        }
    }
}

/// <summary>Whose suspended users are counted.</summary>
internal enum SuspendScope
{
    /// <summary>Over all networks.</summary>
    Caller,

    /// <summary>Over all callers.</summary>
    Network,
}

/// <param name="Users">With the time since each was suspended.</param>
internal sealed record SuspendCountSnapshot(SuspendScope Scope, string Name, TimeSpan Window, IReadOnlyList<(SuspendedUser User, TimeSpan Age)> Users);
