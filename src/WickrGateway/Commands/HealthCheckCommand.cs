using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Commands;

/// <summary>
/// <c>--healthcheck</c>: requests <c>/healthz</c> from the gateway in the same container and exits with 0 or 1, for images without a shell and
/// curl. The container engine runs it every few seconds, so it is cheap: one request on a plain socket, without host, settings or HttpClient.
/// </summary>
internal static class HealthCheckCommand
{
    public const string Name = "--healthcheck";

    private const string Http = "http://";
    private const int KestrelDefaultPort = 5000;
    private const int DefaultHttpPort = 80;
    private const int TimeoutMilliseconds = 2000;

    public static int Run()
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = TimeoutMilliseconds, ReceiveTimeout = TimeoutMilliseconds };
            socket.Connect(GetEndPoint(Environment.GetEnvironmentVariable));
            socket.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
            return IsSuccess(socket) ? CommandLine.Success : CommandLine.Failed;
        }
        catch (SocketException)
        {
            return CommandLine.Failed;
        }
    }

    /// <summary>
    /// The management port where the environment sets one, because clients can fill the API's port. Else where the gateway listens, from the
    /// same environment variables that Kestrel reads. For wildcard addresses it is loopback.
    /// </summary>
    internal static EndPoint GetEndPoint(Func<string, string?> getVariable)
    {
        // 0 is any free port, which only the gateway itself knows.
        if (int.TryParse(getVariable("Management__Port"), out var management) && management is > 0 and <= IPEndPoint.MaxPort)
            return new IPEndPoint(IPAddress.Loopback, management);

        foreach (var prefix in (ReadOnlySpan<string>)["ASPNETCORE_", "DOTNET_", ""])
        {
            if (getVariable(prefix + "URLS") is { Length: > 0 } urls)
                return ParseUrl(Array.Find(urls.Split(';'), url => url.StartsWith(Http, StringComparison.OrdinalIgnoreCase)) ?? Http);

            if (getVariable(prefix + "HTTP_PORTS") is { Length: > 0 } ports && int.TryParse(ports.Split(';')[0], out var port))
                return new IPEndPoint(IPAddress.Loopback, port);
        }

        return new IPEndPoint(IPAddress.Loopback, KestrelDefaultPort);
    }

    // System.Uri rejects the wildcards + and *, and takes a millisecond to load.
    private static EndPoint ParseUrl(string url)
    {
        var authority = url[Http.Length..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        var port = DefaultHttpPort;
        var hasPort = colon >= 0 && int.TryParse(authority.AsSpan(colon + 1), out port);
        var host = hasPort ? authority[..colon] : authority;
        if (!hasPort)
            port = DefaultHttpPort;

        return host switch
        {
            "+" or "*" or "localhost" or "0.0.0.0" => new IPEndPoint(IPAddress.Loopback, port),
            "[::]" => new IPEndPoint(IPAddress.IPv6Loopback, port),
            _ when IPAddress.TryParse(host, out var address) => new IPEndPoint(address, port),
            _ => new DnsEndPoint(host, port),
        };
    }

    private static bool IsSuccess(Socket socket)
    {
        ReadOnlySpan<byte> expected = "HTTP/1.1 200 "u8;
        Span<byte> start = stackalloc byte[expected.Length];
        var length = 0;
        while (length < start.Length && socket.Receive(start[length..]) is > 0 and var received)
            length += received;

        return start[..length].SequenceEqual(expected);
    }
}
