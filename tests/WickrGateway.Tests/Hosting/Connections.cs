using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WickrGateway.Tests.Hosting;

/// <summary>Connections that a client keeps open.</summary>
internal sealed class Connections(Uri server) : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public int Count => _sockets.Count;

    /// <summary>Opens so many, of which each must be served.</summary>
    public async Task OpenAsync(int count, string from = "127.0.0.1")
    {
        for (var opened = 0; opened < count; opened++)
            Assert.True(await OpenOneAsync(from), $"connection {opened + 1} of {count} was closed");
    }

    /// <summary>Whether the new connection is served; one that is closed instead is dropped.</summary>
    public async Task<bool> OpenOneAsync(string from) => await TryAsync(from) is not null;

    /// <inheritdoc cref="OpenOneAsync(string)"/>
    public Task<bool> OpenOneAsync() => OpenOneAsync("127.0.0.1");

    /// <summary>Opens so many and sends the bytes on each, without waiting for a response.</summary>
    public async Task SendAsync(int count, string text, string from = "127.0.0.1")
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var opened = 0; opened < count; opened++)
        {
            var socket = await ConnectAsync(from);
            try
            {
                await socket.SendAsync(bytes);
            }
            catch (SocketException)
            {
                // Refused.
            }
        }
    }

    /// <summary>Sends the bytes on every open connection.</summary>
    public async Task SendOnEachAsync(string text)
    {
        foreach (var socket in _sockets)
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>The start of the response on every open connection.</summary>
    public async Task<List<string>> ReceiveOnEachAsync()
    {
        var responses = new List<string>();
        foreach (var socket in _sockets)
        {
            var buffer = new byte[1024];
            responses.Add(Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(GatewayProcess.Timeout)));
        }

        return responses;
    }

    /// <summary>Those that the server has closed, or has sent something on.</summary>
    public int CountClosed() => _sockets.Count(socket => socket.Poll(TimeSpan.Zero, SelectMode.SelectRead));

    public void CloseOne()
    {
        _sockets[0].Dispose();
        _sockets.RemoveAt(0);
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private async Task<Socket?> TryAsync(string from)
    {
        var socket = await ConnectAsync(from);
        try
        {
            // The response shows that the connection was accepted; it stays open.
            await socket.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            var buffer = new byte[1024];
            if (await socket.ReceiveAsync(buffer).WaitAsync(GatewayProcess.Timeout) > 0)
                return socket;
        }
        catch (SocketException)
        {
            // Reset.
        }

        _sockets.Remove(socket);
        socket.Dispose();
        return null;
    }

    private async Task<Socket> ConnectAsync(string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        }
        catch (SocketException)
        {
            // A server that refuses the connection may reset it before this side has noticed that it was accepted.
        }

        return socket;
    }
}
