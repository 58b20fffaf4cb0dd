using System.Net;
using System.Net.Sockets;
using WickrGateway.Hosting;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary><c>Limits:MaxConnections</c> and <c>Limits:MaxConnectionsPerAddress</c>, on raw sockets.</summary>
public sealed class ConnectionLimitTests
{
    private static readonly Uri NoWickr = new("http://127.0.0.1:9");

    [Theory]
    [InlineData("urls")]
    [InlineData("Kestrel:Endpoints:Api:Url")]
    public async Task Limit_is_reached_Further_connections_are_closed_until_one_ends(string setting)
    {
        await using var gateway = await GatewayProcess.StartAsync(NoWickr, environment: null, $"--{setting}=http://127.0.0.1:0", "--Limits:MaxConnections=3");
        using var connections = new Connections(gateway.Address);

        await connections.OpenAsync(3);
        Assert.False(await connections.OpenOneAsync());

        connections.CloseOne();
        await HttpClientExtensions.UntilAsync(connections.OpenOneAsync);
        Assert.Equal(0, connections.CountClosed());
    }

    [Fact]
    public async Task Address_comes_from_HTTP_PORTS_Limit_holds()
    {
        var port = FreePort();
        await using var gateway = GatewayProcess.Start(new()
        {
            ["ASPNETCORE_HTTP_PORTS"] = $"{port}",
            ["Wickr:Region"] = "us-east-1",
            ["Auth:Callers:app:ApiKeySha256:0"] = GatewayHost.Sha256("k"),
            ["Limits:MaxConnections"] = "1",
        });
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("Now listening on", StringComparison.Ordinal));
        using var connections = new Connections(new Uri($"http://127.0.0.1:{port}"));

        Assert.True(await connections.OpenOneAsync());
        Assert.False(await connections.OpenOneAsync());
    }

    [Fact]
    public async Task One_address_reaches_its_limit_Others_are_served()
    {
        await using var gateway = await GatewayProcess.StartAsync(NoWickr, environment: null, "--Limits:MaxConnectionsPerAddress=2");
        using var connections = new Connections(gateway.Address);

        await connections.OpenAsync(2);
        Assert.False(await connections.OpenOneAsync());
        Assert.True(await connections.OpenOneAsync(from: "127.0.0.2"));
    }

    [Fact]
    public async Task Limit_for_one_address_is_0_One_address_may_have_all_connections()
    {
        await using var gateway = await GatewayProcess.StartAsync(NoWickr, environment: null, "--Limits:MaxConnections=20", "--Limits:MaxConnectionsPerAddress=0");
        using var connections = new Connections(gateway.Address);

        await connections.OpenAsync(20);
        Assert.False(await connections.OpenOneAsync());
    }

    [Fact]
    public async Task Many_connections_are_refused_Log_has_one_line_in_a_minute()
    {
        await using var gateway = await GatewayProcess.StartAsync(NoWickr, environment: null, "--Limits:MaxConnections=1");
        using var connections = new Connections(gateway.Address);

        await connections.OpenAsync(1);
        for (var refused = 0; refused < 100; refused++)
            Assert.False(await connections.OpenOneAsync());

        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("connections were closed", StringComparison.Ordinal));
        Assert.Single(gateway.StandardOutput, line => !line.Contains("\"level\":\"Information\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "c000:201::", false)]
    public void Clients_Are_told_apart_by_IPv4_address_and_by_IPv6_64_prefix(string one, string other, bool isSame) =>
        Assert.Equal(isSame, ClientAddress.Of(IPAddress.Parse(one)) == ClientAddress.Of(IPAddress.Parse(other)));

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
