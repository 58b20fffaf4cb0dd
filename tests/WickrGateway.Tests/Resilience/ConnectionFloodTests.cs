using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class ConnectionFloodTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task Thousands_of_idle_and_half_sent_connections_Memory_stays_flat_and_callers_are_served()
    {
        await using var wickr = new ScriptedUpstream().Then(200, HttpClientExtensions.Accepted).Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync("t:before")).Summary);
        var before = gateway.ResidentMemory();

        var connections = new List<Socket>();
        try
        {
            for (var connection = 0; connection < 2_500; connection++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                connections.Add(socket);
                await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
                if (connection >= 2_000)
                    await socket.SendAsync("POST /networks/12345678/users/suspend-status HTTP/1.1\r\nHost: x\r\nX-Half"u8.ToArray());
            }

            Assert.Equal("200", (await client.SuspendAsync("t:during")).Summary);
            // Served beside the idle connections, not after the gateway has closed them.
            Assert.All(connections.Take(2_000), socket => Assert.False(socket.Poll(TimeSpan.Zero, SelectMode.SelectRead)));
            Assert.InRange(gateway.ResidentMemory() - before, long.MinValue, 60 * MiB);

            // Connections with half-sent headers are closed.
            foreach (var socket in connections.Skip(2_000))
            {
                using var deadline = new CancellationTokenSource(GatewayProcess.Timeout);
                while (await socket.ReceiveAsync(new byte[4096], deadline.Token) > 0)
                {
                }
            }
        }
        finally
        {
            connections.ForEach(socket => socket.Dispose());
        }
    }
}
