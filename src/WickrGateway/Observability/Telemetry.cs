using System.Diagnostics.Metrics;
using System.Reflection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using WickrGateway.Configuration;
using WickrGateway.Wickr;

namespace WickrGateway.Observability;

/// <summary>
/// The edge where OpenTelemetry stands; everything else knows the framework's meters and activities alone. Without a collector in the
/// <c>OTEL_*</c> variables only <c>/metrics</c> is made: no exporter, no tracer, no second way for the log.
/// </summary>
internal static class Telemetry
{
    public const string MetricsPath = "/metrics";

    /// <summary>Far more than any of them needs; beyond it the SDK counts into one label set that says so.</summary>
    private const int FrameworkLabelSets = 200;

    /// <summary>The one thing here that grows with the settings: callers × networks × what came of the call.</summary>
    private const int CallLabelSets = 10_000;

    private static readonly string[] FrameworkMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>Not <c>network.peer.address</c>: Wickr's addresses change for ever.</summary>
    private static readonly string[] ClientLabels =
        ["http.request.method", "http.response.status_code", "http.connection.state", "error.type", "network.protocol.version", "server.address", "server.port", "url.scheme"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<GatewayGauges>();
        builder.Services.AddSingleton<UpstreamFailureLogger>();

        // Which parts there are is settled before there is a container; faults are told with all the others when the settings are loaded.
        var options = TelemetryOptions.Read(new SettingsReader(builder.Configuration));
        if (options.IsOff)
            return;

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(GatewayMetrics.MeterName).AddMeter(FrameworkMeters).AddView(Shape).AddPrometheusExporter(page => page.ScopeInfoEnabled = false);
            if (options.SendsMetrics)
                metrics.AddOtlpExporter(exporter => OwnOf("METRICS", builder.Configuration, exporter));
        });

        if (options.SendsTraces)
        {
            // The framework's own server span carries the semantic conventions' attributes only when asked to.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            telemetry.WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", WickrTracing.SourceName).AddOtlpExporter(exporter => OwnOf("TRACES", builder.Configuration, exporter)));
        }

        if (options.SendsLogs)
            telemetry.WithLogging(logs => logs.AddProcessor(new LogRedactionProcessor()).AddOtlpExporter(exporter => OwnOf("LOGS", builder.Configuration, exporter)), lines => lines.IncludeFormattedMessage = true);

        if (options.MetricsPort is { } port)
            builder.Services.AddHostedService(services => new MetricsServer(port, services));
    }

    public static void UseTelemetry(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TelemetryOptions>().SendsTraces)
            app.UseServerSpans();
    }

    public static void MapTelemetry(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<TelemetryOptions>();
        if (options.IsOff)
            return;

        // Somebody has to be listening before anything is counted.
        _ = app.Services.GetRequiredService<MeterProvider>();
        _ = app.Services.GetRequiredService<GatewayGauges>();
        app.Services.GetRequiredService<GatewayMetrics>().BeginAtZero();
        if (options.MetricsPort is null)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath)
                .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]))
                .DisableHttpMetrics();
        }
    }

    /// <summary>The variables of one signal: the exporter itself reads only those that are for all.</summary>
    private static void OwnOf(string signal, ConfigurationManager variables, OtlpExporterOptions exporter)
    {
        string? Own(string name) => variables[$"OTEL_EXPORTER_OTLP_{signal}_{name}"] is { Length: > 0 } value ? value : null;

        if (Own("PROTOCOL") is { } protocol)
            exporter.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

        if (Own("ENDPOINT") is { } endpoint)
            exporter.Endpoint = new Uri(endpoint);

        exporter.Headers = Own("HEADERS") ?? exporter.Headers;
        if (int.TryParse(Own("TIMEOUT"), out var milliseconds))
            exporter.TimeoutMilliseconds = milliseconds;
    }

    private static void Describe(ResourceBuilder resource) =>
        resource.Clear()
            .AddService("wickr-gateway", serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector(); // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.

    private static MetricStreamConfiguration Shape(Instrument instrument) => instrument switch
    {
        // They never change, and Prometheus keeps the suffix that they would get for histograms.
        { Name: "dotnet.assembly.count" or "dotnet.timer.count" or "dotnet.process.cpu.count" } => MetricStreamConfiguration.Drop,
        { Meter.Name: "System.Net.Http" } => new() { TagKeys = ClientLabels, CardinalityLimit = FrameworkLabelSets },
        { Name: "wickr_gateway.calls" } => new() { CardinalityLimit = CallLabelSets },
        _ => new() { CardinalityLimit = FrameworkLabelSets },
    };
}
