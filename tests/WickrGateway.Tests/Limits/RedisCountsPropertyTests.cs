using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;
using WickrGateway.Limits;

namespace WickrGateway.Tests.Limits;

/// <summary>The scripts in Redis decide as the counts in this process do, which have a model of their own.</summary>
public sealed class RedisCountsPropertyTests
{
    private const int Callers = 2;
    private const int Networks = 2;
    private const int Users = 8;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private abstract record Step
    {
        public sealed record Reserve(int Caller, int CallerLimit, int Network, int NetworkLimit, int[] Ids) : Step;

        /// <param name="Which">Of the requests under way.</param>
        /// <param name="Suspended">Of its users; the others are released.</param>
        /// <param name="IsSentTwice">As after a time-out.</param>
        public sealed record Settle(int Which, int[] Suspended, bool IsSentTwice) : Step;
    }

    private static Gen<int[]> Ids => from count in Gen.Choose(1, 4) from ids in Gen.Choose(1, Users).ArrayOf(count) select ids;

    private static Gen<int> Limit => Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Choose(1, 7)));

    private static Gen<Step> Steps => Gen.Frequency(
        (3, from caller in Gen.Choose(0, Callers - 1)
            from callerLimit in Limit
            from network in Gen.Choose(0, Networks - 1)
            from networkLimit in Limit
            from ids in Ids
            select (Step)new Step.Reserve(caller, callerLimit, network, networkLimit, ids)),
        (2, from which in Gen.Choose(0, 10) from suspended in Ids from twice in Gen.Elements(true, false) select (Step)new Step.Settle(which, suspended, twice)));

    [Fact]
    public async Task Any_order_Is_decided_in_Redis_as_in_this_process()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var run = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(60), Prop.ForAll(Arb.From(Steps.ArrayOf()), steps =>
        {
            var redis = new RedisCounts($"run-{run++}");
            RunAsync(steps, redis, connection.GetDatabase()).GetAwaiter().GetResult();
        }));
    }

    [Fact]
    public async Task Five_thousand_users_Are_counted_by_one_script_and_settled_in_parts()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var (redis, database) = (new RedisCounts("many"), connection.GetDatabase());
        var users = Enumerable.Range(1, 5000).Select(id => new SuspendedUser("12345678", $"{id}")).ToHashSet();
        var charge = new SuspendCharge("caller", 5000, "12345678", 6000, users, Window, Window);
        var another = new SuspendCharge("caller", 5000, "12345678", 6000, new HashSet<SuspendedUser> { new("12345678", "5001") }, Window, Window);

        Assert.True((await redis.CountAsync(database, charge, isPreview: false)).IsReserved);
        Assert.Equal(new SuspendLimitUsage(5000, 5000, 1), (await redis.CountAsync(database, another, isPreview: false)).OfCaller);
        // Loads the scripts.
        await redis.ProbeAsync(database);
        await database.ExecuteAsync("CONFIG", "RESETSTAT");
        await redis.SettleAsync(database, charge, [.. users.Take(50)], [.. users.Skip(50)]);
        // No other replica's request waits for more than a part.
        Assert.Contains("cmdstat_evalsha:calls=10,", $"{await database.ExecuteAsync("INFO", "commandstats")}", StringComparison.Ordinal);
        Assert.Equal(new SuspendLimitUsage(5000, 50, 1), (await redis.CountAsync(database, another, isPreview: true)).OfCaller);
    }

    [Fact]
    public async Task The_window_Slides_in_Redis_time()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var (redis, database) = (new RedisCounts("window"), connection.GetDatabase());
        SuspendCharge Charge(params string[] ids) => new("caller", 2, "12345678", 0, ids.Select(id => new SuspendedUser("12345678", id)).ToHashSet(), TimeSpan.FromSeconds(1), TimeSpan.Zero);
        var first = Charge("1", "2");
        Assert.True((await redis.CountAsync(database, first, isPreview: false)).IsReserved);
        await redis.SettleAsync(database, first, [.. first.Users], []);

        var refused = await redis.CountAsync(database, Charge("3"), isPreview: true);
        Assert.Equal(new SuspendLimitUsage(2, 2, 1), refused.OfCaller);
        Assert.InRange(refused.FreeAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        await Hosting.HttpClientExtensions.UntilAsync(async () => (await redis.CountAsync(database, Charge("3"), isPreview: false)).IsReserved);
        Assert.Equal(1, (await redis.CountAsync(database, Charge("4"), isPreview: true)).OfCaller.Used);
    }

    [Fact]
    public async Task What_a_process_left_that_died_Is_removed_with_its_users()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var (redis, database) = (new RedisCounts("left"), connection.GetDatabase());
        SuspendCharge Charge(string id, TimeSpan duration) => new("caller", 2, "12345678", 0, new HashSet<SuspendedUser> { new("12345678", id) }, TimeSpan.FromSeconds(1), duration);
        Assert.True((await redis.CountAsync(database, Charge("1", TimeSpan.Zero), isPreview: false)).IsReserved);
        // Keeps the keys from expiring.
        Assert.True((await redis.CountAsync(database, Charge("2", TimeSpan.FromHours(1)), isPreview: false)).IsReserved);

        await Hosting.HttpClientExtensions.UntilAsync(async () => (await redis.CountAsync(database, Charge("3", TimeSpan.FromHours(1)), isPreview: true)).OfCaller.Used == 1);

        Assert.Equal(1, await database.HashLengthAsync("left:{suspended}:caller:caller:under-way"));
    }

    private static async Task RunAsync(Step[] steps, RedisCounts redis, IDatabase database)
    {
        using var local = new LocalSuspendCounts(TimeProvider.System);
        var underWay = new List<SuspendCharge>();
        foreach (var step in steps)
        {
            if (step is Step.Reserve reserve)
            {
                var network = $"1234567{reserve.Network}";
                var charge = new SuspendCharge($"caller{reserve.Caller}", reserve.CallerLimit, network, reserve.NetworkLimit, reserve.Ids.Select(id => new SuspendedUser(network, $"{id}")).ToHashSet(), Window, Window);
                if (!charge.IsLimited)
                    continue;

                Assert.Equal(Figures(local.Preview(charge)), Figures(await redis.CountAsync(database, charge, isPreview: true)));
                var (here, there) = (local.Reserve(charge), await redis.CountAsync(database, charge, isPreview: false));
                Assert.Equal(Figures(here), Figures(there));
                if (here.IsReserved)
                    underWay.Add(charge);
            }
            else if (step is Step.Settle settle && underWay.Count > 0)
            {
                var charge = underWay[settle.Which % underWay.Count];
                underWay.Remove(charge);
                var users = charge.Users.ToLookup(user => settle.Suspended.Contains(int.Parse(user.UserId)));
                local.Settle(charge, [.. users[true]], [.. users[false]]);
                for (var time = 0; time < (settle.IsSentTwice ? 2 : 1); time++)
                    await redis.SettleAsync(database, charge, [.. users[true]], [.. users[false]]);
            }
        }
    }

    /// <summary>The times differ a little: each has its own clock.</summary>
    private static (bool IsReserved, SuspendLimitUsage OfCaller, SuspendLimitUsage OfNetwork, bool IsFreeLater) Figures(SuspendCounts counts) => (counts.IsReserved, counts.OfCaller, counts.OfNetwork, counts.FreeAfter is not null);
}
