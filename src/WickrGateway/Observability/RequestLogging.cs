using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using WickrGateway.Callers;
using WickrGateway.Hosting;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Observability;

/// <summary>
/// One line for each request, written when its answer is complete. Its level is the logger's, as for any line; its bytes are written here,
/// as the log would have them, because going through a log event and its message template costs several times as much. Only a collector of
/// logs gets the event.
/// </summary>
internal sealed partial class RequestLine(
    ILoggerFactory loggers, TelemetryOptions telemetry, GatewayMetrics metrics, UpstreamFailureLogger warnings, CallerStore callers, TimeProvider time)
{
    private const string Source = "WickrGateway.Requests";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    private readonly ILogger _logger = loggers.CreateLogger(Source);
    private readonly bool _isCollected = telemetry.SendsLogs;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var start = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Tell(context, Call.Of(context), time.GetElapsedTime(start));
        }
    }

    private void Tell(HttpContext context, Call call, TimeSpan elapsed)
    {
        // The route's template instead of the path: a path can hold anything.
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var milliseconds = Math.Round(elapsed.TotalMilliseconds, 3);
        var network = call.NetworkId is { } id && WickrIds.IsNetworkId(id) ? id : null;
        if (_isCollected)
            Log.Request(_logger, context.Request.Method, route, context.Response.StatusCode, milliseconds, call.Caller?.Name, network, call.Problem?.Kind.Name, GatewayProblem.TraceId(context));
        else if (_logger.IsEnabled(LogLevel.Information))
            Write(context, call, route, network, milliseconds);

        if (route == SuspendStatusEndpoint.Route)
            metrics.Called(call, callers.Current.NamedNetworks);

        if (call.Result is { } result)
            warnings.Warn(result);
    }

    private void Write(HttpContext context, Call call, string? route, string? network, double milliseconds)
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("level"u8, "Information"u8);
            json.WriteString("message"u8, "Request"u8);
            json.WriteString("method"u8, context.Request.Method);
            json.WriteString("route"u8, route);
            json.WriteNumber("status"u8, context.Response.StatusCode);
            json.WriteNumber("milliseconds"u8, milliseconds);
            json.WriteString("caller"u8, call.Caller?.Name);
            json.WriteString("network"u8, network);
            json.WriteString("problem"u8, call.Problem?.Kind.Name);
            json.WriteString("traceId"u8, GatewayProblem.TraceId(context));
            json.WriteString("source"u8, Source);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        StandardOutput.WriteBuffered(buffer.WrittenSpan);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds} ms, caller {Caller}, network {Network}, problem {Problem}, trace {TraceId}")]
        public static partial void Request(ILogger logger, string method, string? route, int status, double milliseconds, string? caller, string? network, string? problem, string traceId);
    }
}

internal static class RequestLineSetup
{
    public static void UseRequestLine(this IApplicationBuilder app)
    {
        var line = ActivatorUtilities.CreateInstance<RequestLine>(app.ApplicationServices);
        app.Use(line.InvokeAsync);
    }
}
