using System.Diagnostics;
using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

public sealed class ConnectionFloodTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task Memory_stays_flat_at_2000_idle_and_500_half_sent_connections_and_callers_are_still_served()
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

            var start = Stopwatch.GetTimestamp();
            Assert.Equal("200", (await client.SuspendAsync("t:during")).Summary);
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
            Assert.InRange(gateway.ResidentMemory() - before, long.MinValue, 60 * MiB);

            // Half-sent headers do not hold their connection for long.
            foreach (var socket in connections.Skip(2_000))
            {
                using var patience = new CancellationTokenSource(GatewayProcess.Patience);
                while (await socket.ReceiveAsync(new byte[4096], patience.Token) > 0)
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
