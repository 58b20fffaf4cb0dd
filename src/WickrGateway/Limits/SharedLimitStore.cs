using StackExchange.Redis;

namespace WickrGateway.Limits;

/// <summary>
/// Counts for all replicas together. The local store counts the same beside it, so that it can decide at once when Redis does not: nothing is
/// refused or allowed because Redis is down.
/// </summary>
internal sealed class SharedLimitStore(RedisCounts redis, LimitStoreConnection connection, LocalLimitStore local) : ILimitStore
{
    /// <summary>What a request waits for Redis at most, for each decision.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>In addition, for each user of a request: a list of 5,000 takes the script longer.</summary>
    private static readonly TimeSpan BudgetOfUser = TimeSpan.FromMicroseconds(20);

    public async ValueTask<RateState> AcquireAsync(RateLimit limit, string name)
    {
        // A call that timed out may have counted in Redis; here the request counts once in any case.
        var (isDecided, shared) = await TryAsync(database => redis.AcquireAsync(database, limit, name));
        if (!isDecided)
            return local.Acquire(limit, name);

        if (shared.IsAcquired)
            local.Acquire(limit, name);

        return shared;
    }

    public async ValueTask<SuspendCounts> ReserveAsync(SuspendCharge charge)
    {
        if (!charge.IsLimited)
            return SuspendCounts.Unlimited;

        var (isDecided, shared) = await TryAsync(database => redis.CountAsync(database, charge, isPreview: false), charge.Users.Count);
        if (isDecided)
        {
            if (shared!.IsReserved)
                local.Suspended.Record(charge);

            return shared;
        }

        var counts = local.Suspended.Reserve(charge);
        if (!counts.IsReserved)
            connection.Settle(charge, [], [.. charge.Users]);

        return counts;
    }

    public async ValueTask<SuspendCounts> PreviewAsync(SuspendCharge charge)
    {
        if (!charge.IsLimited)
            return SuspendCounts.Unlimited;

        var (isDecided, shared) = await TryAsync(database => redis.CountAsync(database, charge, isPreview: true), charge.Users.Count);
        return isDecided ? shared! : local.Suspended.Preview(charge);
    }

    public void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released)
    {
        local.Settle(charge, suspended, released);
        connection.Settle(charge, suspended, released);
    }

    /// <summary>Whatever a store does that is down, slow, full or no Redis at all, the request goes on.</summary>
    private async ValueTask<(bool IsDecided, T? Value)> TryAsync<T>(Func<IDatabase, Task<T>> decide, int users = 0)
    {
        if (connection.Database is not { } database)
            return default;

        try
        {
            var value = await decide(database).WaitAsync(Budget + (users * BudgetOfUser));
            connection.ReportSuccess();
            return (true, value);
        }
        catch (Exception failure)
        {
            connection.ReportFailure(failure);
            return default;
        }
    }
}
