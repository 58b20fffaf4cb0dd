using System.Globalization;
using System.Net;
using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Policy;

namespace WickrGateway.Tests.Limits;

/// <summary>With <c>Limits:Redis</c> all replicas count as one.</summary>
[Collection(NonParallel.Name)]
public sealed class SharedLimitTests
{
    private static readonly Dictionary<string, string?> CallerLimit3 = new() { ["Policy:SuspendLimit:PerCaller"] = "3" };

    [Fact]
    public async Task A_callers_rate_Is_shared()
    {
        await using var redis = await RedisServer.StartAsync();
        // The next permit comes only after minutes.
        await using var replicas = await Replicas.StartAsync(3, redis.Connection, new() { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "30", ["Auth:Callers:all-powerful:SuspendLimit"] = "0" });
        await replicas.AllAreSharedAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var summaries = await Task.WhenAll(Enumerable.Range(0, 120).Select(number => replicas.SuspendAsync(number % 3, 1)));

        // One more for each second that the machine took.
        Assert.InRange(summaries.Count(summary => summary == "200"), 30, 31 + (int)clock.Elapsed.TotalSeconds);
        Assert.All(summaries, summary => Assert.Contains(summary, (string[])["200", "too-many-requests 429 "]));
    }

    [Fact]
    public async Task The_rates_headers_Count_for_all_replicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, new() { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "1000" });
        await replicas.AllAreSharedAsync();

        var left = new List<int>();
        foreach (var replica in (int[])[0, 1, 0, 1])
        {
            using var client = replicas.All[replica].Client();
            using var response = await client.GetAsync("/whoami");
            left.Add(int.Parse(response.Headers.GetValues("RateLimit").Single().Split("r=")[1].Split(';')[0], CultureInfo.InvariantCulture));
        }

        Assert.Equal(999, left[0]);
        Assert.Equal(left.OrderDescending(), left);
        Assert.InRange(left[^1], 996, 997);
    }

    [Fact]
    public async Task Failed_authentications_Are_counted_together()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, new() { ["RateLimit:FailuresPerMinute"] = "3" });
        await replicas.AllAreSharedAsync();

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 4; request++)
        {
            using var client = replicas.All[request % 2].Client("wrong");
            statuses.Add((await client.SuspendAsync()).Status);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task Replicas_that_race_for_the_suspend_limit_Get_exactly_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Connection, new() { ["Policy:SuspendLimit:PerCaller"] = "50", ["Policy:SuspendLimit:PerNetwork"] = "2000" });
        await replicas.AllAreSharedAsync();

        // 60 requests of 3 distinct users each: 16 of them have room.
        var summaries = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => replicas.SuspendAsync(number % 3, (number * 3) + 1, (number * 3) + 2, (number * 3) + 3)));

        Assert.Equal(16, summaries.Count(summary => summary == "200"));
        Assert.Equal(44, summaries.Count(summary => summary == "suspend-limit 403 not-applied"));
        Assert.Equal(48, await SuspendedAsync(replicas));
    }

    [Fact]
    public async Task A_networks_suspend_limit_Is_shared_and_what_another_replica_counted_is_not_counted_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, new() { ["Policy:SuspendLimit:PerNetwork"] = "3" });
        await replicas.AllAreSharedAsync();

        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        Assert.Equal("200", await replicas.SuspendAsync(1, 1, 2, 3));
        Assert.Equal("200", await replicas.SuspendAsync(0, 3));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(0, 4));

        using var client = replicas.All[1].Client();
        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["4","3"],"clientToken":"t:1"}"""));
        var problem = await Problem.OfAsync(response);
        Assert.Equal("""{"scope":"network","limit":3,"used":3,"requested":1,"window":"01:00:00"}""", problem.Limit);
        Assert.Contains("has room for the request again at", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_suspended_Is_released_for_all_replicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, CallerLimit3);
        await replicas.AllAreSharedAsync();

        // The simulated network has 10,000 users, so the second is in Wickr's failed.
        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 10001, 10002));
        Assert.Equal(1, await UsedAsync(replicas, 1));
        await FaultAsync(replicas, """{"status":400,"errorType":"BadRequestError"}""");
        Assert.Equal("wickr-rejected 400 not-applied", await replicas.SuspendAsync(1, 2, 3));
        Assert.Equal(1, await UsedAsync(replicas, 0));
        Assert.Equal("200", await replicas.SuspendAsync(0, 2, 3));
        Assert.Equal(3, await UsedAsync(replicas, 1));
    }

    [Fact]
    public async Task An_unknown_outcome_Stays_counted_for_all_replicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, new(CallerLimit3) { ["Wickr:MaxAttempts"] = "1" });
        await replicas.AllAreSharedAsync();
        await FaultAsync(replicas, """{"kind":"reset","when":"after"}""");

        Assert.Equal("wickr-unreachable 502 unknown", await replicas.SuspendAsync(0, 1, 2));

        Assert.Equal(2, await UsedAsync(replicas, 1));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(1, 3, 4));
    }

    [Fact]
    public async Task A_dry_run_Counts_nothing_and_sees_what_other_replicas_counted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, CallerLimit3);
        await replicas.AllAreSharedAsync();
        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        using var client = replicas.All[1].Client();

        using var fits = await client.PostAsync($"{GatewayFixture.Path}/dry-run", Json.Body("""{"suspend":true,"userIds":["2","3"]}"""));
        using var refused = await client.PostAsync($"{GatewayFixture.Path}/dry-run", Json.Body("""{"suspend":true,"userIds":["3","4"]}"""));

        Assert.Contains("""{"limit":3,"used":2,"after":3}""", await fits.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("suspend-limit", (await Problem.OfAsync(refused)).Type);
        Assert.Equal(2, await UsedAsync(replicas, 0));
    }

    [Fact]
    public async Task Made_up_callers_Leave_nothing_in_Redis_and_every_key_expires()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(1, redis.Connection);
        await replicas.AllAreSharedAsync();
        using var client = replicas.All[0].Client(apiKey: null);

        for (var made = 0; made < 300; made++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/networks/{made:d8}/users/suspend-status") { Content = Json.Body(GatewayFixture.ValidBody) };
            request.Headers.Add("X-Api-Key", $"made-up-{made}");
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal("200", await replicas.SuspendAsync(0, 1));
        await using var connection = await redis.ConnectAsync();
        var keys = connection.GetServers()[0].Keys().Select(key => key.ToString()).ToList();
        Assert.InRange(keys.Count, 1, 8);
        Assert.All(keys, key => Assert.StartsWith("wickr-gateway:", key, StringComparison.Ordinal));
        Assert.All(keys, key => Assert.True(connection.GetDatabase().KeyTimeToLive(key) is { } left && left < TimeSpan.FromHours(2), $"{key} stays"));
    }

    [Fact]
    public async Task The_key_prefix_Keeps_two_deployments_apart()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replicas.StartAsync(1, redis.Connection, new(CallerLimit3) { ["Limits:KeyPrefix"] = "staging" });
        await using var other = await Replicas.StartAsync(1, redis.Connection, CallerLimit3);
        await one.AllAreSharedAsync();
        await other.AllAreSharedAsync();

        Assert.Equal("200", await one.SuspendAsync(0, 1, 2, 3));

        Assert.Equal(0, await UsedAsync(other, 0));
        Assert.Equal("200", await other.SuspendAsync(0, 4, 5, 6));
    }

    [Fact]
    public async Task A_cluster_Runs_the_scripts_too()
    {
        await using var redis = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-config-file", Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.conf"));
        await using (var connection = await redis.ConnectAsync())
        {
            await connection.GetServers()[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await HttpClientExtensions.UntilAsync(async () => (await connection.GetServers()[0].ExecuteAsync("CLUSTER", "INFO")).ToString().Contains("cluster_state:ok", StringComparison.Ordinal));
        }

        await using var replicas = await Replicas.StartAsync(2, redis.Connection, CallerLimit3);
        await replicas.AllAreSharedAsync();

        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(1, 3, 4));
        Assert.All(replicas.All, replica => Assert.True(Replicas.IsShared(replica)));
    }

    internal static async Task<int> UsedAsync(Replicas replicas, int replica)
    {
        using var client = replicas.All[replica].Client();
        using var json = JsonDocument.Parse(await client.GetStringAsync("/whoami"));
        return json.RootElement.GetProperty("limits").GetProperty("suspendedUsers").GetProperty("used").GetInt32();
    }

    private static async Task<int> SuspendedAsync(Replicas replicas)
    {
        using var wickr = new HttpClient { BaseAddress = replicas.Wickr };
        using var json = JsonDocument.Parse(await wickr.GetStringAsync("/_simulator/networks/12345678/users"));
        return json.RootElement.GetProperty("users").EnumerateArray().Count(user => user.GetProperty("suspended").GetBoolean());
    }

    private static async Task FaultAsync(Replicas replicas, string fault)
    {
        using var wickr = new HttpClient { BaseAddress = replicas.Wickr };
        using var response = await wickr.PostAsync("/_simulator/faults", Json.Body(fault));
        response.EnsureSuccessStatusCode();
    }
}
