using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>The memory for bodies that are being read, over all requests.</summary>
public sealed class BodyBudgetTests
{
    /// <summary>32 MiB of bodies of the maximum length.</summary>
    private const int Bodies = 512;

    private static readonly Dictionary<string, string?> ManyConnections = new(StringComparer.Ordinal) { ["Limits:MaxConnections"] = "2000", ["Limits:MaxConnectionsPerAddress"] = "0" };

    [Theory]
    [InlineData("Content-Length: 65536", "")]
    [InlineData("Transfer-Encoding: chunked", "fa00\r\n")]
    public async Task Too_many_bodies_are_half_sent_Returns_503_overloaded_until_some_end(string framing, string chunk)
    {
        await using var fixture = new GatewayFixture(ManyConnections);
        fixture.Wickr.ThenAlways(200, GatewayFixture.Success);
        using var connections = new Connections(fixture.Gateway.Address);
        var head = $"POST {GatewayFixture.Path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {GatewayHost.AllPowerfulKey}\r\nContent-Type: application/json\r\n{framing}\r\nExpect: 100-continue\r\n\r\n{chunk}";
        // So much of the body that it is not too slow for minutes.
        await connections.SendAsync(Bodies, head + new string(' ', 0xfa00 - 1));
        Assert.All(await connections.ReceiveOnEachAsync(), response => Assert.StartsWith("HTTP/1.1 100", response, StringComparison.Ordinal));

        var refused = await fixture.Client.SuspendAsync();

        Assert.Equal("overloaded 503 not-applied", refused.Summary);
        Assert.Equal(1, refused.RetryAfter);
        Assert.DoesNotContain("clientToken", refused.Body, StringComparison.Ordinal);
        Assert.Empty(fixture.Wickr.Received);

        connections.CloseOne();
        await HttpClientExtensions.UntilAsync(async () => (await fixture.Client.SuspendAsync()).Summary == "200");
    }
}
