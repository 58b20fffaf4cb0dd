using System.Diagnostics;

namespace WickrGateway.Observability;

/// <summary>The trace id of a request, by which a caller's report, the log, the audit and the collector's spans find each other.</summary>
internal static class RequestTrace
{
    /// <summary>On every response.</summary>
    public const string Header = "X-Trace-Id";

    /// <summary>32 hexadecimal digits: the id of the caller's W3C trace context where it sent one, else a new one.</summary>
    public static string Id(HttpContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } span)
            return span.TraceId.ToHexString();

        // Where nothing listens, as on the management port, the server makes no id.
        if (context.Features.Get<OwnId>() is not { } own)
            context.Features.Set(own = new OwnId(ActivityTraceId.CreateRandom().ToHexString()));

        return own.Value;
    }

    /// <summary>Must come first. What clears the headers later, as for an exception, writes this one again with its problem.</summary>
    public static void UseTraceIdHeader(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        WriteHeader(context);
        return next(context);
    });

    public static void WriteHeader(HttpContext context) => context.Response.Headers[Header] = Id(context);

    private sealed record OwnId(string Value);
}
