using Microsoft.AspNetCore.Http.Features;

namespace WickrGateway.Observability;

/// <summary>Gives the framework's server span what the semantic conventions ask for and the framework leaves to others: route, status, a name by the route.</summary>
internal static class ServerSpans
{
    public static void UseServerSpans(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        finally
        {
            Describe(context);
        }
    });

    private static void Describe(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
            return;

        // The framework's own tag, because methods can be made up.
        var method = span.GetTagItem("http.request.method") is string known and not "_OTHER" ? known : "HTTP";
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode < StatusCodes.Status500InternalServerError)
            return;

        span.SetTag("error.type", SuspendStatus.Call.Of(context).Problem?.Kind.Name ?? context.Response.StatusCode.ToString());
        span.SetStatus(System.Diagnostics.ActivityStatusCode.Error);
    }
}
