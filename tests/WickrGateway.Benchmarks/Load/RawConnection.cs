using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WickrGateway.Benchmarks.Load;

/// <summary>
/// One connection on a blocking socket: little more than two system calls for an exchange, because the load shares the machine with the
/// server that is measured.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        SendTimeout = (int)Timeout.TotalMilliseconds,
        ReceiveTimeout = (int)Timeout.TotalMilliseconds,
    };

    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <exception cref="SocketException">The server does not listen.</exception>
    public RawConnection(int port)
    {
        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends the request and reads the whole response.</summary>
    /// <exception cref="BenchmarkException">The response is not a 200, or the connection was closed.</exception>
    public void Exchange(byte[] request)
    {
        _socket.Send(request);
        var length = 0;
        int headersEnd;
        do
            length += Receive(length);
        while ((headersEnd = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0);

        var headers = _buffer.AsSpan(0, headersEnd);
        if (!headers.StartsWith("HTTP/1.1 200"u8))
            throw new BenchmarkException($"A response was not 200: {Encoding.UTF8.GetString(_buffer.AsSpan(0, Math.Min(length, 1000)))}");

        var bodyStart = headersEnd + 4;
        var contentLength = ContentLength(headers);
        while (contentLength is { } whole ? length < bodyStart + whole : !_buffer.AsSpan(bodyStart, length - bodyStart).EndsWith("0\r\n\r\n"u8))
            length += Receive(length);
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(int at)
    {
        var read = _socket.Receive(_buffer.AsSpan(at));
        return read > 0 ? read : throw new BenchmarkException("A connection was closed before its response was complete.");
    }

    /// <summary>Null for a chunked response.</summary>
    private static int? ContentLength(ReadOnlySpan<byte> headers)
    {
        foreach (var line in headers.Split("\r\n"u8))
        {
            var header = headers[line];
            if (header.Length > 15 && Ascii.EqualsIgnoreCase(header[..15], "content-length:"u8))
                return int.Parse(header[15..].Trim((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return null;
    }
}
