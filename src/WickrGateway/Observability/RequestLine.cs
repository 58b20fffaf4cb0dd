using WickrGateway.Callers;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Observability;

/// <summary>One line for each request, written when its answer is complete.</summary>
internal static partial class RequestLine
{
    public static void UseRequestLine(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("WickrGateway.Requests");
        var metrics = app.ApplicationServices.GetRequiredService<GatewayMetrics>();
        var warnings = app.ApplicationServices.GetRequiredService<WickrWarnings>();
        var callers = app.ApplicationServices.GetRequiredService<LiveCallers>();
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use(async (context, next) =>
        {
            var start = time.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                // The route's template instead of the path: a path can hold anything.
                var call = Call.Of(context);
                var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
                Log.Request(
                    logger,
                    context.Request.Method,
                    route,
                    context.Response.StatusCode,
                    Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3),
                    call.Caller?.Name,
                    call.NetworkId is { } network && SuspendStatusRules.IsNetworkId(network) ? network : null,
                    call.Problem?.Kind.Name,
                    GatewayProblem.TraceId(context));
                if (route == SuspendStatusEndpoint.Route)
                    metrics.Called(call, callers.Current.NamedNetworks);

                if (call.Result is { } result)
                    warnings.Warn(result);
            }
        });
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds} ms, caller {Caller}, network {Network}, problem {Problem}, trace {TraceId}")]
        public static partial void Request(ILogger logger, string method, string? route, int status, double milliseconds, string? caller, string? network, string? problem, string traceId);
    }
}
