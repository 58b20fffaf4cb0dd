using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Callers that hang up, and the gateway's own end: what was begun is finished.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task A_caller_hangs_up_The_call_is_finished_with_all_its_retries()
    {
        var hungUp = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream()
            .Then(async (stream, _, stop) =>
            {
                await hungUp.Task;
                await stream.WriteAsync("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
            })
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();
        using var hangUp = new CancellationTokenSource();
        var call = client.SuspendAsync("t:1", hangUp: hangUp.Token);
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        hungUp.SetResult();

        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 2);
    }

    [Fact]
    public async Task SIGTERM_Listening_stops_idle_connections_close_the_call_under_way_is_finished_and_the_exit_code_is_0()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().Then(async (stream, _, stop) =>
        {
            await release.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
        });
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        using var idle = await IdleConnectionAsync(gateway.Address);
        var underWay = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await gateway.TerminateAsync();

        Assert.Equal(0, await idle.ReceiveAsync(new byte[1]).WaitAsync(GatewayProcess.Patience));
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        Assert.False(gateway.HasExited);
        release.SetResult();
        Assert.Equal("200", (await underWay).Summary);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    public async Task SIGTERM_finishes_the_call_of_a_caller_who_hung_up()
    {
        var release = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream()
            .Then(async (stream, _, stop) =>
            {
                await release.Task;
                await stream.WriteAsync("HTTP/1.1 503 Oops\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
            })
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        using var hangUp = new CancellationTokenSource();
        var call = client.SuspendAsync(hangUp: hangUp.Token);
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await gateway.TerminateAsync();
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        release.SetResult();

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Equal(2, wickr.Received.Count);
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_at_once()
    {
        await using var wickr = new ScriptedUpstream().ThenHang();
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, environment: null, "--Wickr:AttemptTimeout=00:01:00", "--Wickr:TotalTimeout=00:02:00");
        using var client = gateway.Client();
        var underWay = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await gateway.TerminateAsync();
        await HttpClientExtensions.UntilAsync(() => !IsListening(gateway.Address));
        Assert.False(gateway.HasExited);
        await gateway.TerminateAsync();

        Assert.Equal(143, await gateway.ExitAsync().WaitAsync(TimeSpan.FromSeconds(5)));
        await Assert.ThrowsAsync<HttpRequestException>(() => underWay);
    }

    [Fact]
    public async Task Readyz_says_503_while_stopping()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();
        var lifetime = gateway.Services.GetRequiredService<IHostApplicationLifetime>();
        var asked = new TaskCompletionSource<string>();

        // Callbacks run last in, first out, so the server still listens during this one.
        lifetime.ApplicationStopping.Register(() => asked.SetResult(AskAsync(client).GetAwaiter().GetResult()));
        lifetime.StopApplication();

        Assert.Equal("503 The gateway is stopping.", await asked.Task);
    }

    private static async Task<string> AskAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/readyz");
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return $"{(int)answer.StatusCode} {problem.RootElement.GetProperty("detail").GetString()}";
    }

    private static async Task<Socket> IdleConnectionAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        var answer = new byte[4096];
        Assert.True(await socket.ReceiveAsync(answer) > 0);
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
