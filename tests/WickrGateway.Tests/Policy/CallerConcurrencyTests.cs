using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary><c>RateLimit:Concurrency</c>.</summary>
public sealed class CallerConcurrencyTests
{
    private static readonly Dictionary<string, string?> Two = new(StringComparer.Ordinal) { ["RateLimit:Concurrency"] = "2" };

    [Fact]
    public async Task A_caller_has_too_many_requests_under_way_Gets_429_and_other_callers_are_served()
    {
        var release = new TaskCompletionSource();
        await using var fixture = new GatewayFixture(Two);
        fixture.Wickr.ThenAfter(release.Task, 200, GatewayFixture.Success).ThenAfter(release.Task, 200, GatewayFixture.Success).ThenAlways(200, GatewayFixture.Success);
        using var other = fixture.Gateway.Client(GatewayHost.LimitedKey);
        var first = fixture.Client.SuspendAsync("t:1");
        var second = fixture.Client.SuspendAsync("t:2");
        await HttpClientExtensions.UntilAsync(() => fixture.Wickr.Received.Count == 2);

        var third = await fixture.Client.SuspendAsync("t:3");

        Assert.Equal("too-many-requests 429 ", third.Summary);
        Assert.Equal(1, third.RetryAfter);
        Assert.Equal("200", (await other.SuspendAsync("t:4")).Summary);
        release.SetResult();
        Assert.Equal(["200", "200"], (await Task.WhenAll(first, second)).Select(response => response.Summary));
        Assert.Equal("200", (await fixture.Client.SuspendAsync("t:5")).Summary);
    }

    [Fact]
    public async Task Requests_end_in_any_way_Caller_is_served_again()
    {
        await using var fixture = new GatewayFixture(Two);
        fixture.Wickr.ThenReset().ThenReset().ThenReset().Then(200, GatewayFixture.Success);
        for (var request = 0; request < 3; request++)
        {
            // Refused, failed, and disconnected in mid-body. The gateway notices a reset a moment later; until then it counts.
            await HttpClientExtensions.UntilAsync(async () => (await fixture.ProblemAsync("{}")).Status == 400);
            Assert.Equal(502, (await fixture.ProblemAsync()).Status);
            await ResetInMidBodyAsync(fixture.Gateway.Address);
        }

        // The gateway notices a reset a moment later.
        GatewayResponse last = null!;
        await HttpClientExtensions.UntilAsync(async () => (last = await fixture.Client.SuspendAsync()).Type != "too-many-requests");
        Assert.Equal("200", last.Summary);
    }

    [Fact]
    public async Task Requests_follow_each_other_without_a_pause_None_is_refused()
    {
        await using var fixture = new GatewayFixture(Two);
        fixture.Wickr.ThenAlways(200, GatewayFixture.Success);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(async worker =>
        {
            for (var request = 0; request < 200; request++)
                Assert.Equal("200", (await fixture.Client.SuspendAsync($"t:{worker}:{request}")).Summary);
        }));
    }

    private static async Task ResetInMidBodyAsync(Uri gateway)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
        await socket.ConnectAsync(gateway.Host, gateway.Port);
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST {GatewayFixture.Path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {GatewayHost.AllPowerfulKey}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"));
        // The gateway says when it begins to read the body, or that the caller has too many requests under way.
        Assert.NotEqual(0, await socket.ReceiveAsync(new byte[1024]));
    }
}
