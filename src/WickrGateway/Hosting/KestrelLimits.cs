using Microsoft.AspNetCore.Server.Kestrel.Core;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Hosting;

/// <summary>What one client may take of the server, set on purpose so that a framework's change of mind changes nothing here.</summary>
internal static class KestrelLimits
{
    /// <summary>An idle connection costs a few KiB. More than this is not one replica's share of clients, but an attack or a leak.</summary>
    private const int MaxConnections = 5_000;

    /// <summary>A JWT has a few KiB, a proxy's headers less. Beyond: 431.</summary>
    private const int MaxRequestHeaders = 16 * 1024;

    /// <summary>The one route has under 60 characters. Beyond: 414.</summary>
    private const int MaxRequestLine = 4 * 1024;

    private const int MaxRequestHeaderCount = 64;

    /// <summary>Headers fit into a few packets; whoever needs longer to send them holds a connection on purpose.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longer than the idle time-out of AWS's load balancers (60 s), so that they and not we close first: closing first can meet a request under way.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(120);

    /// <summary>A slower body (or reader of an answer) is cut off with 408: at this rate 64 KiB take 4½ minutes, a usual body of 1 KiB the grace period.</summary>
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public static void AddKestrelLimits(this WebApplicationBuilder builder)
    {
        // The slim builder leaves TLS out; whoever ends TLS here configures it under Kestrel:Endpoints.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = 0; // Nothing here upgrades.
            // Kestrel counts the framing of chunks in; the limit of the body itself is kept where the body is read.
            kestrel.Limits.MaxRequestBodySize = 8 * BodyReader.MaxLength;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestHeaders;
            kestrel.Limits.MaxRequestHeaderCount = MaxRequestHeaderCount;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MinResponseDataRate = SlowestBody;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 100; // The least that RFC 9113, section 6.5.2, recommends: one connection must not take all places.
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxRequestHeaders;
        });
    }
}
