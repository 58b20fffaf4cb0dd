using System.Diagnostics;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using WickrGateway.Hosting;

namespace WickrGateway.Observability;

/// <summary>One log line for each request, written when the response is complete.</summary>
internal static class RequestLogging
{
    /// <summary>The <c>source</c> of the lines; its level switches them on and off.</summary>
    private const string Source = "WickrGateway.Requests";

    private static readonly MessageTemplate Message = new MessageTemplateParser().Parse("Request");

    /// <param name="gateway">The services of the gateway, which may be other ones than the application's own.</param>
    public static void UseRequestLogging(this IApplicationBuilder app, IServiceProvider gateway)
    {
        var logger = gateway.GetRequiredService<Serilog.ILogger>();
        var category = gateway.GetRequiredService<ILoggerFactory>().CreateLogger(Source);
        var recordsProbes = gateway.GetRequiredService<ManagementOptions>().RecordProbes;
        app.Use(next => context => LogAsync(context, next, logger, category, recordsProbes));
    }

    private static async Task LogAsync(HttpContext context, RequestDelegate next, Serilog.ILogger logger, ILogger category, bool recordsProbes)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
            Write(context.Response.StatusCode, exception: null);
        }
        catch (Exception failure) when (Write(StatusCodes.Status500InternalServerError, failure))
        {
            // Never: the server handles it.
        }

        bool Write(int status, Exception? exception)
        {
            if (category.IsEnabled(LogLevel.Information) && (recordsProbes || !ProbeEndpoint.IsSuccessfulProbe(context, status)))
                logger.Write(new LogEvent(DateTimeOffset.UtcNow, LogEventLevel.Information, exception, Message, Properties(context, Stopwatch.GetElapsedTime(start), status)));

            return false;
        }
    }

    private static LogEventProperty[] Properties(HttpContext context, TimeSpan elapsed, int status)
    {
        var summary = context.Features.Get<RequestSummary>();
        return
        [
            Property("Method", context.Request.Method),
            // The route's template instead of the path: a path can contain anything.
            Property("Route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText),
            Property("Status", status),
            Property("Milliseconds", Math.Round(elapsed.TotalMilliseconds, 3)),
            Property("Caller", summary?.Caller),
            Property("Network", summary?.Network),
            Property("Problem", summary?.Problem),
            Property("TraceId", RequestTrace.Id(context)),
            Property(Constants.SourceContextPropertyName, Source),
        ];
    }

    private static LogEventProperty Property(string name, object? value) => new(name, new ScalarValue(value));
}
