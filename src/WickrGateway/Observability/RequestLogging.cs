using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace WickrGateway.Observability;

/// <summary>One log line for each request, written by Serilog's own middleware when the response is complete.</summary>
internal static class RequestLogging
{
    /// <summary>The <c>source</c> of the lines; its level switches them on and off.</summary>
    private const string Source = "WickrGateway.Requests";

    public static void UseRequestLogging(this IApplicationBuilder app)
    {
        var category = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(Source);
        app.UseSerilogRequestLogging(options =>
        {
            options.Logger = app.ApplicationServices.GetRequiredService<Serilog.ILogger>();
            options.MessageTemplate = "Request";
            // The middleware has a source of its own, whose level operators would not look for.
            options.GetLevel = (_, _, _) => category.IsEnabled(LogLevel.Information) ? LogEventLevel.Information : LogEventLevel.Verbose;
            options.GetMessageTemplateProperties = static (context, _, elapsed, status) => Properties(context, elapsed, status);
        });
    }

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
            Property(Constants.SourceContextPropertyName, Source),
        ];
    }

    private static LogEventProperty Property(string name, object? value) => new(name, new ScalarValue(value));
}
