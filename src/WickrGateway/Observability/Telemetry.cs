using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

namespace WickrGateway.Observability;

/// <summary>
/// Sets up OpenTelemetry; all other code only knows the framework's meters and activities. Without a collector in the <c>OTEL_*</c>
/// variables there is only <c>/metrics</c>: no exporter, no tracer, no second path for the log.
/// </summary>
internal static class Telemetry
{
    private const string MetricsPath = "/metrics";

    /// <summary>Far more than any of them needs; beyond it the SDK counts into one overflow series.</summary>
    private const int FrameworkLabelSets = 200;

    /// <summary>The only metric that grows with the configuration: callers × networks × problems.</summary>
    private const int CallLabelSets = 10_000;

    private static readonly string[] FrameworkMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>Not <c>network.peer.address</c>: Wickr's addresses keep changing.</summary>
    private static readonly string[] ClientLabels =
        ["http.request.method", "http.response.status_code", "http.connection.state", "error.type", "network.protocol.version", "server.address", "server.port", "url.scheme"];

    /// <param name="activitySource">Of the gateway's own spans.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, string activitySource)
    {
        builder.Services.AddSingleton<GatewayMetrics>();

        // What to register must be known before there is a container. Errors are reported with all others when the settings are loaded.
        var options = TelemetryOptions.Read(new SettingsReader(builder.Configuration));
        if (options.IsOff)
            return;

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(GatewayMetrics.MeterName).AddMeter(FrameworkMeters).AddView(Shape).AddPrometheusExporter(page => page.ScopeInfoEnabled = false);
            if (options.SendsMetrics)
                metrics.AddOtlpExporter(exporter => ApplySignalVariables("METRICS", builder.Configuration, exporter));
        });

        if (options.SendsTraces)
        {
            var recordsProbes = ManagementOptions.Read(new SettingsReader(builder.Configuration)).RecordProbes;
            telemetry.WithTracing(traces => traces
                .AddSource(activitySource)
                .AddAspNetCoreInstrumentation(server => server.EnrichWithHttpResponse = (span, response) => Complete(span, response, recordsProbes))
                .AddOtlpExporter(exporter => ApplySignalVariables("TRACES", builder.Configuration, exporter)));
        }

        if (options.SendsLogs)
            telemetry.WithLogging(logs => logs.AddProcessor(new LogRedactionProcessor()).AddOtlpExporter(exporter => ApplySignalVariables("LOGS", builder.Configuration, exporter)), lines => lines.IncludeFormattedMessage = true);
    }

    /// <summary>The provider must listen before anything is counted.</summary>
    public static void StartTelemetry(this WebApplication app) => _ = app.Services.GetService<MeterProvider>();

    /// <summary>Maps <c>/metrics</c>, unless telemetry is off.</summary>
    /// <param name="gateway">The services of the gateway, which may be other ones than the routes' own.</param>
    public static void MapMetrics(this IEndpointRouteBuilder routes, IServiceProvider gateway)
    {
        if (gateway.GetService<MeterProvider>() is not { } provider)
            return;

        var route = routes.MapPrometheusScrapingEndpoint(MetricsPath, provider, configureBranchedPipeline: null, optionsName: null);
        route.WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).DisableHttpMetrics();
        ProbeEndpoint.AddTo(route);
    }

    /// <summary>Path and query are a caller's text, and <c>http.route</c> says enough. A 5xx has the problem's type as <c>error.type</c>, which says more than the status.</summary>
    private static void Complete(Activity span, HttpResponse response, bool recordsProbes)
    {
        span.SetTag("url.path", null).SetTag("url.query", null);
        if (!recordsProbes && ProbeEndpoint.IsSuccessfulProbe(response.HttpContext, response.StatusCode))
        {
            // Spans without this flag are not exported. A filter decides before the status is known.
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        if (response.HttpContext.Features.Get<RequestSummary>() is not { } summary)
            return;

        span.SetTag(SpanAttributes.Caller, summary.Caller).SetTag(SpanAttributes.Network, summary.Network).SetTag(SpanAttributes.Problem, summary.Problem);
        if (response.StatusCode >= StatusCodes.Status500InternalServerError && summary.Problem is { } problem)
            span.SetTag("error.type", problem);
    }

    /// <summary>Applies the variables of one signal; the exporter itself reads only those for all signals.</summary>
    private static void ApplySignalVariables(string signal, ConfigurationManager variables, OtlpExporterOptions exporter)
    {
        string? Read(string name) => variables[$"OTEL_EXPORTER_OTLP_{signal}_{name}"] is { Length: > 0 } value ? value : null;

        if (Read("PROTOCOL") is { } protocol)
            exporter.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

        if (Read("ENDPOINT") is { } endpoint)
            exporter.Endpoint = new Uri(endpoint);

        exporter.Headers = Read("HEADERS") ?? exporter.Headers;
        if (int.TryParse(Read("TIMEOUT"), out var milliseconds))
            exporter.TimeoutMilliseconds = milliseconds;
    }

    private static void Describe(ResourceBuilder resource) =>
        resource.Clear()
            .AddService("wickr-gateway", serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector(); // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.

    private static MetricStreamConfiguration Shape(Instrument instrument) => instrument switch
    {
        // Counted for each request or attempt, while a metric that stays says as much: the durations of requests and attempts, and the open connections.
        { Name: "http.server.active_requests" or "http.client.active_requests" or "http.client.request.duration" or "http.client.request.time_in_queue" } => MetricStreamConfiguration.Drop,
        // They never change, and their names would end in a suffix that Prometheus reserves for histograms.
        { Name: "dotnet.assembly.count" or "dotnet.timer.count" or "dotnet.process.cpu.count" } => MetricStreamConfiguration.Drop,
        { Meter.Name: "System.Net.Http" } => new() { TagKeys = ClientLabels, CardinalityLimit = FrameworkLabelSets },
        // The framework's own end at 10 s, before a call has used up its time.
        { Name: "http.server.request.duration" } => new ExplicitBucketHistogramConfiguration { Boundaries = GatewayMetrics.DurationBounds, CardinalityLimit = FrameworkLabelSets },
        { Name: "wickr_gateway.calls" } => new() { CardinalityLimit = CallLabelSets },
        _ => new() { CardinalityLimit = FrameworkLabelSets },
    };
}
