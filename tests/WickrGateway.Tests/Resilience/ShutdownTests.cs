using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>A call that was started is finished, whether the caller disconnects or the gateway is stopped.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Caller_disconnects_Call_is_finished_with_all_its_retries()
    {
        var disconnected = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(disconnected.Task, 500).Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();
        using var disconnect = new CancellationTokenSource();
        var call = client.SuspendAsync("t:1", disconnect: disconnect.Token);
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await disconnect.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        disconnected.SetResult();

        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 2);
    }

    [Fact]
    public async Task SIGTERM_Stops_listening_closes_idle_connections_finishes_the_call_and_exits_with_0()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(release.Task, 200);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        using var idle = await IdleConnectionAsync(gateway.Address);
        var call = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await gateway.TerminateAsync();

        Assert.Equal(0, await idle.ReceiveAsync(new byte[1]).WaitAsync(GatewayProcess.Timeout));
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        Assert.False(gateway.HasExited);
        release.SetResult();
        Assert.Equal("200", (await call).Summary);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    public async Task SIGTERM_after_the_caller_disconnected_Finishes_the_call()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(release.Task, 503).Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        using var disconnect = new CancellationTokenSource();
        var call = client.SuspendAsync(disconnect: disconnect.Token);
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        await disconnect.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await gateway.TerminateAsync();
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        release.SetResult();

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Equal(2, wickr.Received.Count);
    }

    [Fact]
    public async Task Second_SIGTERM_Exits_immediately()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, environment: null, "--Wickr:AttemptTimeout=00:01:00", "--Wickr:TotalTimeout=00:02:00");
        using var client = gateway.Client();
        var call = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await gateway.TerminateAsync();
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        Assert.False(gateway.HasExited);
        await gateway.TerminateAsync();

        Assert.Equal(143, await gateway.ExitAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Gateway_is_stopping_Readyz_returns_503()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();
        var lifetime = gateway.Services.GetRequiredService<IHostApplicationLifetime>();
        var ready = new TaskCompletionSource<string>();

        // Callbacks run last in, first out, so the server still listens during this one.
        lifetime.ApplicationStopping.Register(() => ready.SetResult(ReadyAsync(client).GetAwaiter().GetResult()));
        lifetime.StopApplication();

        Assert.Equal("503 The gateway is stopping.", await ready.Task);
    }

    private static async Task<string> ReadyAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/readyz");
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return $"{(int)response.StatusCode} {problem.RootElement.GetProperty("detail").GetString()}";
    }

    private static async Task<Socket> IdleConnectionAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        var response = new byte[4096];
        Assert.True(await socket.ReceiveAsync(response) > 0);
        return socket;
    }

    private static bool IsListening(Uri address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
