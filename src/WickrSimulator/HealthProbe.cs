using System.Net;
using System.Net.Sockets;

namespace WickrSimulator;

/// <summary>
/// <c>--healthcheck</c>: requests <c>/healthz</c> from the simulator on loopback and exits 0 for a 200, else 1; for images without a shell.
/// The port is the first of <c>ASPNETCORE_HTTP_PORTS</c>.
/// </summary>
internal static class HealthProbe
{
    public const string Flag = "--healthcheck";

    private const int DefaultPort = 8081;
    private const int TimeoutMilliseconds = 2000;

    public static int Run()
    {
        var ports = Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS");
        var port = int.TryParse(ports?.Split(';')[0], out var configured) ? configured : DefaultPort;
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = TimeoutMilliseconds, ReceiveTimeout = TimeoutMilliseconds };
            socket.Connect(IPAddress.Loopback, port);
            socket.Send("GET /healthz HTTP/1.0\r\n\r\n"u8);
            var statusLine = new byte["HTTP/1.1 200 ".Length];
            using var stream = new NetworkStream(socket);
            stream.ReadExactly(statusLine);
            return statusLine.AsSpan().EndsWith(" 200 "u8) ? 0 : 1;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return 1;
        }
    }
}
