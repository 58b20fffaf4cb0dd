using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Benchmarks;

internal static class LoopbackPort
{
    /// <summary>A port that is free now; another process may still take it before it is used.</summary>
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
