using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WickrGateway.Tests.Hosting;

/// <summary>A request as it was received.</summary>
internal sealed record ReceivedRequest(string RequestLine, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>The access key that signed it.</summary>
    public string AccessKeyId => Header("Authorization")!.Split("Credential=")[1].Split('/')[0];

    public string BodyText => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();
}

/// <summary>
/// An upstream that sends scripted bytes on a raw socket, so that it can also break the protocol, and records its requests. Requests past
/// the script fail the test.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Func<NetworkStream, Socket, CancellationToken, Task>> _script = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly ConcurrentBag<string> _unexpected = [];
    private readonly Task _accepting;
    private Func<NetworkStream, Socket, CancellationToken, Task>? _always;

    public ScriptedUpstream()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <summary>Responds to the next request with these bytes and keeps the connection.</summary>
    public ScriptedUpstream ThenRaw(string response) => ThenRaw(Encoding.UTF8.GetBytes(response));

    public ScriptedUpstream ThenRaw(byte[] response) => Then((stream, _, stop) => stream.WriteAsync(response, stop).AsTask());

    public ScriptedUpstream Then(int status, string body, params ReadOnlySpan<string> headers) => Then(status, Encoding.UTF8.GetBytes(body), headers);

    public ScriptedUpstream Then(int status, byte[] body, params ReadOnlySpan<string> headers) => ThenRaw(Response(status, body, headers));

    /// <summary>Responds once the task has completed.</summary>
    public ScriptedUpstream ThenAfter(Task released, int status, string body = "{}", params ReadOnlySpan<string> headers)
    {
        var response = Response(status, Encoding.UTF8.GetBytes(body), headers);
        return Then(async (stream, _, stop) =>
        {
            await released.WaitAsync(stop);
            await stream.WriteAsync(response, stop);
        });
    }

    /// <summary>Responds with these bytes, then closes the connection with FIN.</summary>
    public ScriptedUpstream ThenRawAndClose(string response) => Then(async (stream, socket, stop) =>
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(response), stop);
        socket.Shutdown(SocketShutdown.Both);
    });

    /// <summary>Closes the connection with RST instead of a response.</summary>
    public ScriptedUpstream ThenReset() => Then((_, socket, _) =>
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
        return Task.CompletedTask;
    });

    /// <summary>Never responds.</summary>
    public ScriptedUpstream ThenHang() => Then((_, _, stop) => Task.Delay(Timeout.Infinite, stop));

    /// <summary>Responds with what is made of the request.</summary>
    public ScriptedUpstream Then(Func<ReceivedRequest, string> response) =>
        Then((stream, _, stop) => stream.WriteAsync(Encoding.UTF8.GetBytes(response(Received[^1])), stop).AsTask());

    /// <summary>Responds to every request past the script.</summary>
    public ScriptedUpstream ThenAlways(int status, string body)
    {
        var response = Response(status, Encoding.UTF8.GetBytes(body), []);
        _always = (stream, _, stop) => stream.WriteAsync(response, stop).AsTask();
        return this;
    }

    /// <summary>Responds to every request past the script with what is made of it.</summary>
    public ScriptedUpstream ThenAlways(Func<ReceivedRequest, string> response)
    {
        _always = (stream, _, stop) => stream.WriteAsync(Encoding.UTF8.GetBytes(response(Received[^1])), stop).AsTask();
        return this;
    }

    public ScriptedUpstream Then(Func<NetworkStream, Socket, CancellationToken, Task> response)
    {
        _script.Enqueue(response);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        Assert.Empty(_unexpected);
    }

    private static byte[] Response(int status, byte[] body, ReadOnlySpan<string> headers)
    {
        var head = new StringBuilder($"HTTP/1.1 {status} {(HttpStatusCode)status}\r\nContent-Length: {body.Length}\r\n");
        foreach (var header in headers)
            head.Append(header).Append("\r\n");

        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception stopped) when (_stop.IsCancellationRequested && stopped is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
            await using (var stream = new NetworkStream(socket))
            {
                while (await ReadAsync(stream) is { } request)
                {
                    _received.Enqueue(request);
                    if ((_script.TryDequeue(out var response) ? response : _always) is not { } respond)
                    {
                        _unexpected.Add(request.RequestLine);
                        return;
                    }

                    await respond(stream, socket, _stop.Token);
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task<ReceivedRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!EndsHead(head))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;

            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim())).ToList();
        var length = headers.Where(header => header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(header => int.Parse(header.Value)).SingleOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new ReceivedRequest(lines[0], headers, body);
    }

    private static bool EndsHead(List<byte> head) => head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}
