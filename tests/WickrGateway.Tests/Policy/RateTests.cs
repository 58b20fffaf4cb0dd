using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Limits;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Not in parallel with others, because one of them measures the heap of the whole process.</summary>
[Collection(NonParallel.Name)]
public sealed class RateTests
{
    private static readonly Dictionary<string, string?> Slow = new(StringComparer.Ordinal)
    {
        ["RateLimit:PermitsPerSecond"] = "1",
        ["RateLimit:Burst"] = "2",
    };

    [Fact]
    public async Task A_caller_past_its_rate_Gets_429_and_nothing_is_sent_to_Wickr()
    {
        await using var rig = new GatewayFixture(Slow);
        rig.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);
        using var first = await rig.PostAsync();
        GatewayResponse last;
        do
        {
            last = await rig.Client.SuspendAsync();
        }
        while (last.Status == HttpStatusCode.OK);

        Assert.Equal("too-many-requests 429 ", last.Summary);
        Assert.InRange(last.RetryAfter!.Value, 1, 2);
        Assert.Equal("\"caller\";q=2;w=2", last.Message.Headers.GetValues("RateLimit-Policy").Single());
        Assert.StartsWith("\"caller\";r=0;t=", last.Message.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.Equal("\"caller\";r=1;t=1", first.Headers.GetValues("RateLimit").Single());
    }

    [Fact]
    public async Task One_callers_burst_Does_not_affect_another_caller()
    {
        await using var rig = new GatewayFixture(new(Slow) { ["RateLimit:Burst"] = "1" });
        rig.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);
        using var other = rig.Gateway.Client(GatewayHost.LimitedKey);

        Assert.Equal("200", (await rig.Client.SuspendAsync()).Summary);
        Assert.Equal("200", (await other.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task A_refused_request_Takes_a_permit_and_has_the_rate_headers()
    {
        await using var rig = new GatewayFixture(new(Slow) { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "1000" });
        using var client = rig.Gateway.Client(GatewayHost.LimitedKey);
        var left = 1000;
        foreach (var (path, body) in ((string, string)[])[("/networks/1/users/suspend-status", "{}"), ("/networks/87654321/users/suspend-status", GatewayFixture.ValidBody), (GatewayFixture.Path, "{}"), (GatewayFixture.Path, """{"suspend":false,"userIds":["1"]}""")])
        {
            using var response = await client.PostAsync(path, Json.Body(body));
            var remaining = int.Parse(response.Headers.GetValues("RateLimit").Single().Split("r=")[1].Split(';')[0]);
            Assert.InRange(remaining, 0, left - 1);
            left = remaining;
        }

        using var anonymous = rig.Gateway.Client(apiKey: null);
        Assert.False((await anonymous.SuspendAsync()).Message.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task The_rate_Is_checked_before_the_body_is_read()
    {
        await using var rig = new GatewayFixture(new(Slow) { ["RateLimit:Burst"] = "1" });
        rig.Wickr.Then(200, GatewayFixture.Success);
        Assert.Equal("200", (await rig.Client.SuspendAsync()).Summary);

        // The body never arrives, so only a check before it can respond.
        var response = await RawHttp.SendAsync(
            rig.Gateway.Address, [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json", "Content-Length: 100"], body: "");

        Assert.Equal(429, response.Status);
        Assert.Equal("too-many-requests", Problem.Of(response).Type);
    }

    [Fact]
    public async Task Failures_beyond_the_limit_Get_429_and_a_valid_credential_from_the_same_address_is_accepted()
    {
        await using var rig = new GatewayFixture(new() { ["RateLimit:FailuresPerMinute"] = "3" });
        rig.Wickr.Then(200, GatewayFixture.Success);
        using var flooder = rig.Gateway.Client("wrong");
        for (var failure = 0; failure < 3; failure++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await flooder.SuspendAsync()).Status);

        var response = await flooder.SuspendAsync();

        Assert.Equal("too-many-requests", response.Type);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.Status);
        Assert.Null(response.Outcome);
        Assert.InRange(response.RetryAfter!.Value, 1, 20);
        Assert.Equal("200", (await rig.Client.SuspendAsync()).Summary);
    }

    [Fact]
    public void A_rate_Refills_with_time_and_never_beyond_its_burst()
    {
        var time = new FakeTimeProvider();
        var limit = new RateLimit(RateScope.Caller, burst: 40, perSecond: 20);
        var rate = new Gcra(time);
        for (var call = 0; call < 40; call++)
            Assert.True(rate.Acquire(limit).IsAcquired);

        var refused = rate.Acquire(limit);
        Assert.Equal((false, 0, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50)), (refused.IsAcquired, refused.Remaining, refused.ResetAfter, refused.RetryAfter));
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.True(rate.Acquire(limit).IsAcquired);
        Assert.False(rate.Acquire(limit).IsAcquired);
        time.Advance(TimeSpan.FromHours(1));
        var full = rate.Acquire(limit);
        Assert.Equal((true, 39, TimeSpan.FromMilliseconds(50), TimeSpan.Zero), (full.IsAcquired, full.Remaining, full.ResetAfter, full.RetryAfter));
    }

    [Fact]
    public async Task Failures_Are_counted_for_each_address_and_IPv6_by_its_first_64_bits()
    {
        var limit = Failures(perMinute: 1, out _);

        Assert.Null(await limit.RecordFailureAsync(IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(await limit.RecordFailureAsync(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Null(await limit.RecordFailureAsync(IPAddress.Parse("192.0.2.2")));
        Assert.Null(await limit.RecordFailureAsync(IPAddress.Parse("2001:db8::1")));
        Assert.NotNull(await limit.RecordFailureAsync(IPAddress.Parse("2001:db8::ffff:1")));
        Assert.Null(await limit.RecordFailureAsync(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public async Task Many_addresses_Memory_stays_bounded_and_a_flooder_stays_limited()
    {
        var limit = Failures(perMinute: 1, out var time);
        var flooder = IPAddress.Parse("198.51.100.7");
        Assert.Null(await limit.RecordFailureAsync(flooder));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var address = 0; address < 300_000; address++)
        {
            await limit.RecordFailureAsync(new IPAddress(BitConverter.GetBytes(address)));
            time.Advance(TimeSpan.FromTicks(1));
            if (address % 50 == 0)
                Assert.NotNull(await limit.RecordFailureAsync(flooder));
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 * 1024 * 1024);
    }

    private static AuthFailureLimiter Failures(int perMinute, out FakeTimeProvider time)
    {
        time = new FakeTimeProvider();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Wickr:Region"] = "us-east-1",
            ["Auth:Callers:a:Networks:0"] = "*",
            ["RateLimit:FailuresPerMinute"] = perMinute.ToString(),
        }).Build();
        return new AuthFailureLimiter(GatewaySettings.Load(configuration).RateLimit, new LocalLimitStore(time));
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NonParallel
{
    public const string Name = "NonParallel";
}
