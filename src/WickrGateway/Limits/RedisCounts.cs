using System.Globalization;
using StackExchange.Redis;

namespace WickrGateway.Limits;

/// <summary>The counts in Redis or Valkey: one script for each decision, with Redis' own time. Every method can throw what the client throws, and a call that timed out may have counted.</summary>
internal sealed class RedisCounts(string keyPrefix)
{
    private static readonly string RateScript = ReadScript("rate");
    private static readonly string ReserveScript = ReadScript("reserve");
    private static readonly string SettleScript = ReadScript("settle");
    private static readonly string RestoreScript = ReadScript("restore");

    /// <summary>No caller has it, because a name in the settings has no colon.</summary>
    private const string ProbeName = ":probe";

    private static readonly RateLimit ProbeRate = new(RateScope.Caller, burst: 1, perSecond: 1000);

    /// <summary>Users in one call of <see cref="RestoreAsync"/>, so that no call keeps Redis busy for long.</summary>
    private const int RestoreBatch = 1000;

    /// <summary>The same for a part of <see cref="SettleAsync"/>.</summary>
    private const int SettleBatch = 500;

    public async Task<RateState> AcquireAsync(IDatabase redis, RateLimit limit, string name)
    {
        var result = ReadNumbers(await redis.ScriptEvaluateAsync(RateScript, [$"{keyPrefix}:rate:{Name(limit.Scope)}:{name}"], [limit.Interval, limit.Capacity, limit.UsableCapacity]), count: 2);
        return new RateState(limit, isAcquired: result[0] == 1, Math.Clamp(result[1], 0, limit.Capacity));
    }

    /// <summary>Fails unless Redis runs every script that a request needs; they are loaded then.</summary>
    public async Task ProbeAsync(IDatabase redis)
    {
        await AcquireAsync(redis, ProbeRate, ProbeName);
        var charge = new SuspendCharge(ProbeName, CallerLimit: 1, "", NetworkLimit: 0, [new SuspendedUser("", ProbeName)], Window: TimeSpan.FromSeconds(1), MaxDuration: TimeSpan.Zero);
        await CountAsync(redis, charge, isPreview: false);
        await SettleAsync(redis, charge, [], [.. charge.Users]);
    }

    /// <param name="isPreview">Whether nothing is to be counted.</param>
    public async Task<SuspendCounts> CountAsync(IDatabase redis, SuspendCharge charge, bool isPreview)
    {
        var limits = Limits(charge);
        RedisValue[] arguments =
        [
            Microseconds(charge.Window), Microseconds(charge.MaxDuration), isPreview ? "" : charge.Id, limits.Count, .. limits.Select(limit => (RedisValue)limit.Limit), .. charge.Users.Select(Member),
        ];
        var result = ReadNumbers(await redis.ScriptEvaluateAsync(ReserveScript, Keys(limits), arguments), count: 1 + (3 * limits.Count));
        var figures = limits.Select((limit, index) => (Usage: new SuspendLimitUsage(limit.Limit, (int)result[1 + (3 * index)], (int)result[2 + (3 * index)]), FreeAfter: result[3 + (3 * index)])).ToList();
        var freeAfter = figures.Find(figure => figure.Usage.IsExceeded).FreeAfter;
        return new SuspendCounts(
            IsReserved: result[0] == 1,
            charge.CallerLimit > 0 ? figures[0].Usage : default,
            charge.NetworkLimit > 0 ? figures[^1].Usage : default,
            freeAfter > 0 ? TimeSpan.FromMicroseconds(freeAfter) : null);
    }

    /// <summary>In parts, unlike a decision: other requests need not wait until all users are settled. When one part fails, all can be sent again.</summary>
    public Task SettleAsync(IDatabase redis, SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released) => Task.WhenAll(
        suspended.Select(user => (User: user, IsSuspended: true)).Concat(released.Select(user => (User: user, IsSuspended: false))).Chunk(SettleBatch).Select(users => redis.ScriptEvaluateAsync(
            SettleScript, Keys(Limits(charge)), [Microseconds(charge.Window), charge.Id, users.Count(user => user.IsSuspended), .. users.Select(user => Member(user.User))])));

    /// <summary>Adds what Redis may have lost; what it still has stays as it is.</summary>
    /// <param name="timeout">Of each script: a very large count takes many.</param>
    public async Task RestoreAsync(IDatabase redis, SuspendCountSnapshot snapshot, TimeSpan timeout)
    {
        foreach (var users in snapshot.Users.Where(user => user.Age < snapshot.Window).Chunk(RestoreBatch))
            await redis.ScriptEvaluateAsync(RestoreScript, [UsersKey(snapshot.Scope, snapshot.Name)], [Microseconds(snapshot.Window), .. users.SelectMany(user => (RedisValue[])[Microseconds(user.Age), Member(user.User)])]).WaitAsync(timeout);
    }

    private static List<(SuspendScope Scope, string Name, int Limit)> Limits(SuspendCharge charge)
    {
        List<(SuspendScope Scope, string Name, int Limit)> limits = [(SuspendScope.Caller, charge.Caller, charge.CallerLimit), (SuspendScope.Network, charge.NetworkId, charge.NetworkLimit)];
        limits.RemoveAll(limit => limit.Limit == 0);
        return limits;
    }

    private RedisKey[] Keys(List<(SuspendScope Scope, string Name, int Limit)> limits) =>
        [.. limits.SelectMany(limit => (RedisKey[])[UsersKey(limit.Scope, limit.Name), $"{CountKey(limit.Scope, limit.Name)}:under-way"])];

    private RedisKey UsersKey(SuspendScope scope, string name) => $"{CountKey(scope, name)}:users";

    /// <summary>The hash tag in braces keeps all counts in one slot of a cluster, because one script reads a caller's and a network's.</summary>
    private string CountKey(SuspendScope scope, string name) => $"{keyPrefix}:{{suspended}}:{(scope == SuspendScope.Caller ? "caller" : "network")}:{name}";

    private static string Name(RateScope scope) => scope == RateScope.Caller ? "caller" : "address";

    private static RedisValue Member(SuspendedUser user) => $"{user.NetworkId}:{user.UserId}";

    private static long Microseconds(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    private static long[] ReadNumbers(RedisResult result, int count) =>
        (RedisValue[]?)result is { } values && values.Length == count
            ? [.. values.Select(value => (long)value)]
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"A script returned something other than {count} numbers."));

    private static string ReadScript(string name)
    {
        using var script = typeof(RedisCounts).Assembly.GetManifestResourceStream($"WickrGateway.Limits.{name}.lua")!;
        using var reader = new StreamReader(script);
        return reader.ReadToEnd();
    }
}
