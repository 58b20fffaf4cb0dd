using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Commands;

/// <summary>
/// <c>--healthcheck</c>: asks the <c>/healthz</c> of the gateway that runs beside it and ends with 0 or 1, for images that have no shell and
/// no curl. It runs every few seconds for as long as the container does, so it is one request on a bare socket: no host, no settings, no HttpClient.
/// </summary>
internal static class HealthProbe
{
    public const string Flag = "--healthcheck";

    private const string Http = "http://";
    private const int KestrelsDefaultPort = 5000;
    private const int HttpPort = 80;
    private const int TimeoutMilliseconds = 2000;

    public static int Run()
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = TimeoutMilliseconds, ReceiveTimeout = TimeoutMilliseconds };
            socket.Connect(Address(Environment.GetEnvironmentVariable));
            socket.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
            return SaysOk(socket) ? 0 : 1;
        }
        catch (SocketException)
        {
            return 1;
        }
    }

    /// <summary>Where the gateway listens, told by the variables that tell it so; addresses for every interface are asked on loopback.</summary>
    internal static EndPoint Address(Func<string, string?> variable)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["ASPNETCORE_", "DOTNET_", ""])
        {
            if (variable(prefix + "URLS") is { Length: > 0 } urls)
                return ByUrl(Array.Find(urls.Split(';'), url => url.StartsWith(Http, StringComparison.OrdinalIgnoreCase)) ?? Http);

            if (variable(prefix + "HTTP_PORTS") is { Length: > 0 } ports && int.TryParse(ports.Split(';')[0], out var port))
                return new IPEndPoint(IPAddress.Loopback, port);
        }

        return new IPEndPoint(IPAddress.Loopback, KestrelsDefaultPort);
    }

    // Not System.Uri: it refuses the wildcards + and *, and takes a millisecond to load.
    private static EndPoint ByUrl(string url)
    {
        var authority = url[Http.Length..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        var port = HttpPort;
        var hasPort = colon >= 0 && int.TryParse(authority.AsSpan(colon + 1), out port);
        var host = hasPort ? authority[..colon] : authority;
        if (!hasPort)
            port = HttpPort;

        return host switch
        {
            "+" or "*" or "localhost" or "0.0.0.0" => new IPEndPoint(IPAddress.Loopback, port),
            "[::]" => new IPEndPoint(IPAddress.IPv6Loopback, port),
            _ when IPAddress.TryParse(host, out var address) => new IPEndPoint(address, port),
            _ => new DnsEndPoint(host, port),
        };
    }

    private static bool SaysOk(Socket socket)
    {
        ReadOnlySpan<byte> wanted = "HTTP/1.1 200 "u8;
        Span<byte> start = stackalloc byte[wanted.Length];
        var length = 0;
        while (length < start.Length && socket.Receive(start[length..]) is > 0 and var received)
            length += received;

        return start[..length].SequenceEqual(wanted);
    }
}
