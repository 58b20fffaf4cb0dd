using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace WickrGateway.Hosting;

/// <summary>How much of the server one client may use. Set explicitly, so that a changed default of the framework changes nothing here.</summary>
internal static class KestrelLimits
{
    /// <summary>In bytes. A JWT has a few KiB, the headers that proxies add have less. Beyond the limit: 431.</summary>
    private const int MaxRequestHeaders = 16 * 1024;

    /// <summary>In bytes. The longest route has under 60 characters. Beyond the limit: 414.</summary>
    private const int MaxRequestLine = 4 * 1024;

    private const int MaxRequestHeaderCount = 64;

    /// <summary>In bytes, for what a client has sent and has not been read yet. Kestrel's default of 1 MiB for each connection is more than the memory limit for all of them.</summary>
    private const int MaxRequestBuffer = 32 * 1024;

    /// <summary>In bytes, for a response that the client does not read.</summary>
    private const int MaxResponseBuffer = 32 * 1024;

    /// <summary>Kestrel's body limit includes chunk framing, and a chunk of one byte takes 6.</summary>
    private const int ChunkFramingFactor = 8;

    /// <summary>Headers fit into a few packets. A client that needs longer to send them holds a connection on purpose.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longer than the idle time-out of AWS's load balancers (60 s), so that they close first. If the gateway closed first, a request could already be on its way.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(120);

    /// <summary>A client that sends its body or reads the response more slowly is disconnected, with 408 if it still sends. At this rate 64 KiB take 4½ minutes; a usual body of 1 KiB is within the grace period.</summary>
    private static readonly MinDataRate MinDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <param name="maxRequestBodySize">In bytes, without chunk framing. Kestrel enforces it roughly; the reader of the body enforces it exactly.</param>
    public static void AddKestrelLimits(this WebApplicationBuilder builder, long maxRequestBodySize)
    {
        // The slim builder leaves TLS out. This lets operators configure it in Kestrel:Endpoints.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<ServerCertificates>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ServerCertificates>());
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.SetLimits(ChunkFramingFactor * maxRequestBodySize);
            kestrel.UseLiveCertificates(context.Configuration, context.HostingEnvironment.ContentRootPath);
            // For every listener, wherever its address comes from.
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                listen.Use(listen.ApplicationServices.GetRequiredService<ConnectionLimiter>().Use);
                // One request at a time on each connection, so that the limit of connections bounds the memory for requests and responses too.
                listen.Protocols = HttpProtocols.Http1;
            });
        });
    }

    /// <summary>For a route whose bodies may be longer than others.</summary>
    /// <param name="maxRequestBodySize">As in <see cref="AddKestrelLimits"/>.</param>
    public static TBuilder WithMaxRequestBody<TBuilder>(this TBuilder route, long maxRequestBodySize)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new BodyLimit(ChunkFramingFactor * maxRequestBodySize));

    private static void UseLiveCertificates(this KestrelServerOptions kestrel, IConfiguration configuration, string contentRoot)
    {
        var certificates = kestrel.ApplicationServices.GetRequiredService<ServerCertificates>();
        if (Read("Kestrel:Certificates:Default") is { } common)
            kestrel.ConfigureHttpsDefaults(https => certificates.Use(https, common));

        // The framework's own loader would stop the listeners when the settings or a certificate change.
        var loader = kestrel.Configure(configuration.GetSection("Kestrel"), reloadOnChange: false);
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            var own = Read($"{endpoint.Path}:Certificate");
            var hasOther = own is null && endpoint.GetSection("Certificate").Exists();
            loader.Endpoint(endpoint.Key, listener =>
            {
                if (own is not null && listener.IsHttps)
                    certificates.Use(listener.HttpsOptions, own);
                else if (hasOther)
                    listener.HttpsOptions.OnAuthenticate = null;
            });
        }

        CertificateFiles? Read(string section) => CertificateFiles.Read(key => configuration[key] is { Length: > 0 } value ? value : null, section, contentRoot);
    }

    public static void SetLimits(this KestrelServerOptions kestrel, long maxRequestBodySize)
    {
        kestrel.AddServerHeader = false;
        // Connections have limiters of their own.
        kestrel.Limits.MaxConcurrentConnections = null;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0; // No endpoint upgrades.
        kestrel.Limits.MaxRequestBodySize = maxRequestBodySize;
        kestrel.Limits.MaxRequestBufferSize = MaxRequestBuffer;
        kestrel.Limits.MaxResponseBufferSize = MaxResponseBuffer;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestHeaders;
        kestrel.Limits.MaxRequestHeaderCount = MaxRequestHeaderCount;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
        kestrel.Limits.MinRequestBodyDataRate = MinDataRate;
        kestrel.Limits.MinResponseDataRate = MinDataRate;
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
