using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace WickrGateway.Observability;

/// <summary>One log line for each request, written by Serilog's own middleware when the response is complete.</summary>
internal static class RequestLogging
{
    public static void UseRequestLogging(this IApplicationBuilder app) => app.UseSerilogRequestLogging(options =>
    {
        options.Logger = app.ApplicationServices.GetRequiredService<Serilog.ILogger>().ForContext(Constants.SourceContextPropertyName, "WickrGateway.Requests");
        options.MessageTemplate = "Request";
        options.GetLevel = static (_, _, _) => LogEventLevel.Information;
        options.GetMessageTemplateProperties = static (context, _, elapsed, status) => Properties(context, elapsed, status);
    });

    private static LogEventProperty[] Properties(HttpContext context, double milliseconds, int status)
    {
        var summary = context.Features.Get<RequestSummary>();
        return
        [
            Property("Method", context.Request.Method),
            // The route's template instead of the path: a path can contain anything.
            Property("Route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText),
            Property("Status", status),
            Property("Milliseconds", Math.Round(milliseconds, 3)),
            Property("Caller", summary?.Caller),
            Property("Network", summary?.Network),
            Property("Problem", summary?.Problem),
            Property("TraceId", RequestTrace.Id(context)),
        ];
    }

    private static LogEventProperty Property(string name, object? value) => new(name, new ScalarValue(value));
}
