using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WickrGateway.Hosting;

/// <summary>
/// What probes and Prometheus request, on a port of its own: clients that fill the API's port do not fill this one. It is a second, minimal
/// server, because an endpoint added to the first one would replace the addresses that <c>urls</c> gives it.
/// </summary>
/// <param name="gateway">The services of the gateway.</param>
/// <param name="map">Sets up the path of a request and maps the endpoints.</param>
internal sealed partial class ManagementServer(IServiceProvider gateway, Action<WebApplication> map) : IHostedService
{
    /// <summary>Far more than probes and Prometheus need.</summary>
    public const int MaxConnections = 100;

    /// <summary>Probes and Prometheus send their request at once.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(5);

    private readonly NewestConnections _connections = new(MaxConnections);
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (gateway.GetRequiredService<ManagementOptions>().Port is not { } port)
            return;

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddHealthJson();
        // The gateway's checks; this server has none.
        builder.Services.AddSingleton(gateway.GetRequiredService<HealthCheckService>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.SetLimits(maxRequestBodySize: 0);
            kestrel.Limits.KeepAliveTimeout = IdleTimeout;
            kestrel.Limits.RequestHeadersTimeout = IdleTimeout;
            kestrel.ListenAnyIP(port, listen => listen.Use(_connections.Use));
        });

        var server = builder.Build();
        map(server);
        _server = server;
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception failure) when (ListenerSettings.IsListenFailure(failure))
        {
            throw new ManagementListenException(failure);
        }

        Log.Listening(gateway.GetRequiredService<ILogger<ManagementServer>>(), server.Urls.First());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not { } server)
            return;

        await server.StopAsync(cancellationToken);
        await server.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Management requests are served on {Address}")]
        public static partial void Listening(ILogger logger, string address);
    }
}
