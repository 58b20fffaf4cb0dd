using OpenTelemetry.Metrics;

namespace WickrGateway.Observability;

/// <summary>
/// <c>/metrics</c> on a port of its own: a second, minimal server, because an endpoint added to the first one would replace the addresses
/// that <c>urls</c> gives it.
/// </summary>
internal sealed partial class MetricsServer(int port, IServiceProvider gateway) : IHostedService
{
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.ListenAnyIP(port);
        });

        var server = builder.Build();
        server.UseOpenTelemetryPrometheusScrapingEndpoint(
            gateway.GetRequiredService<MeterProvider>(), context => context.Request.Path == Telemetry.MetricsPath, path: null, configureBranchedPipeline: null, optionsName: null);
        _server = server;
        await server.StartAsync(cancellationToken);
        Log.Listening(gateway.GetRequiredService<ILogger<MetricsServer>>(), Telemetry.MetricsPath, server.Urls.First());
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
        [LoggerMessage(LogLevel.Information, "{Path} is served on {Address} only")]
        public static partial void Listening(ILogger logger, string path, string address);
    }
}
