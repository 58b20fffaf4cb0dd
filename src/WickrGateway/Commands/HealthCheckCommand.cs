using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace WickrGateway.Commands;

/// <summary>
/// <c>--healthcheck</c>: requests <c>/healthz</c> from the gateway in the same container and exits with 0 or 1, for images without a shell and
/// curl. The container engine runs it every few seconds, so it is cheap: one request on a plain socket, without host, settings or HttpClient.
/// </summary>
internal static class HealthCheckCommand
{
    public const string Name = "--healthcheck";

    /// <summary>The whole check; the image's HEALTHCHECK allows 3 s.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static int Run()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        // Ends whatever the check waits for.
        using var deadline = new Timer(_ => socket.Dispose(), state: null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        try
        {
            var target = HealthCheckTarget.Find(Environment.GetEnvironmentVariables());
            socket.Connect(target.EndPoint);
            using var network = new NetworkStream(socket);
            using var stream = target.IsHttps ? Encrypt(network) : (Stream)network;
            stream.Write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
            return IsSuccess(stream) ? CommandLine.Success : CommandLine.Failed;
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException or AuthenticationException)
        {
            return CommandLine.Failed;
        }
    }

    /// <summary>Any certificate will do: it is the gateway's own, of the same container, and rarely has the name localhost.</summary>
    private static SslStream Encrypt(NetworkStream network)
    {
        var stream = new SslStream(network, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        stream.AuthenticateAsClient("localhost");
        return stream;
    }

    private static bool IsSuccess(Stream stream)
    {
        ReadOnlySpan<byte> expected = "HTTP/1.1 200 "u8;
        Span<byte> start = stackalloc byte[expected.Length];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(expected);
    }
}
