using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>The way to a connection: name servers that hang, addresses that drop packets, handshakes that never end. Nothing was sent, and callers are told so.</summary>
public sealed class ConnectTests
{
    private static readonly Uri Named = new("http://wickr.test");

    [Fact]
    public async Task Name_server_does_not_respond_Calls_return_wickr_unreachable_not_applied_after_one_look_up_and_healthz_responds()
    {
        var lookUps = 0;
        using var responds = new ManualResetEventSlim();
        await using var gateway = Start(Named, _ =>
        {
            Interlocked.Increment(ref lookUps);
            responds.Wait();
            return [];
        });
        using var client = gateway.Client();
        var calls = Task.WhenAll(Enumerable.Range(0, 20).Select(call => client.SuspendAsync($"t:{call}")));
        await HttpClientExtensions.UntilAsync(() => Volatile.Read(ref lookUps) == 1);

        Assert.Equal("""{"status":"alive"}""", await client.GetStringAsync("/healthz").WaitAsync(GatewayProcess.Timeout));
        Assert.False(calls.IsCompleted);
        Assert.All(await calls, call => Assert.Equal("wickr-unreachable 502 not-applied", call.Summary));
        Assert.Equal(1, lookUps);
        responds.Set();
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("fails")]
    [InlineData("has no address")]
    public async Task Name_server_stops_responding_Last_known_addresses_are_used(string failure)
    {
        await using var wickr = new ScriptedUpstream();
        for (var call = 0; call < 3; call++)
            wickr.Then(200, HttpClientExtensions.Accepted, "Connection: close");

        var lookUps = 0;
        using var responds = new ManualResetEventSlim();
        await using var gateway = Start(new UriBuilder(Named) { Port = wickr.Address.Port }.Uri, _ =>
        {
            if (Interlocked.Increment(ref lookUps) == 1)
                return [IPAddress.Loopback];

            if (failure == "fails")
                throw new SocketException((int)SocketError.TryAgain);

            if (failure == "hangs")
                responds.Wait();

            return [];
        });
        using var client = gateway.Client();

        for (var call = 0; call < 3; call++)
            Assert.Equal("200", (await client.SuspendAsync($"t:{call}")).Summary);

        Assert.Equal(failure == "hangs" ? 2 : 3, lookUps);
        responds.Set();
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("127.0.0.2")]
    public async Task One_address_drops_packets_The_other_is_used_within_the_attempt(string address)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows refuses connections past the backlog instead of dropping them");
        await using var wickr = new ScriptedUpstream().Then(200, HttpClientExtensions.Accepted);
        using var hole = await BlackHole.StartAsync(new IPEndPoint(IPAddress.Parse(address), wickr.Address.Port));
        await using var gateway = Start(new UriBuilder(Named) { Port = wickr.Address.Port }.Uri, _ => [IPAddress.Parse(address), IPAddress.Loopback]);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task All_addresses_refuse_Returns_wickr_unreachable_not_applied()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using var gateway = Start(new UriBuilder(Named) { Port = port }.Uri, _ => [IPAddress.IPv6Loopback, IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]);
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    public async Task Callers_time_runs_out_before_there_is_a_connection_Returns_wickr_unreachable_not_applied(string scheme)
    {
        using var hole = await BlackHole.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), connects: scheme == "https");
        await using var gateway = GatewayHost.Start(
            new Uri($"{scheme}://127.0.0.1:{hole.Port}"), new() { ["Wickr:AttemptTimeout"] = "00:00:30", ["Wickr:TotalTimeout"] = "00:01:00" });
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync(timeout: "1")).Summary);
    }

    private static GatewayHost Start(Uri wickr, Func<string, IPAddress[]> nameServer) => GatewayHost.Start(
        wickr, new() { ["Wickr:AttemptTimeout"] = "00:00:10", ["Wickr:MaxAttempts"] = "1" }, services: services => services.AddSingleton(nameServer));

    /// <summary>An address that does not respond to connection attempts: its backlog is full and nothing accepts.</summary>
    private sealed class BlackHole : IDisposable
    {
        private readonly Socket _listener;
        private readonly List<Socket> _waiting = [];

        private BlackHole(Socket listener) => _listener = listener;

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        /// <param name="connects">Connections succeed, but nothing is ever read from them.</param>
        public static async Task<BlackHole> StartAsync(IPEndPoint address, bool connects = false)
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                listener.DualMode = false;

            listener.Bind(address);
            listener.Listen(connects ? 100 : 0);
            var hole = new BlackHole(listener);
            while (!connects && await hole.TakesAsync())
                Assert.InRange(hole._waiting.Count, 0, 100);

            return hole;
        }

        public void Dispose()
        {
            _listener.Dispose();
            _waiting.ForEach(socket => socket.Dispose());
        }

        private async Task<bool> TakesAsync()
        {
            var socket = new Socket(_listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _waiting.Add(socket);
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await socket.ConnectAsync(_listener.LocalEndPoint!, timeout.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
