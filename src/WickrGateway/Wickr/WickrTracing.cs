using System.Diagnostics;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>One client span for each attempt, with the names of the semantic conventions for HTTP; only made when something listens.</summary>
internal static class WickrTracing
{
    public const string SourceName = "WickrGateway";

    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="attempt">From 1.</param>
    public static Activity? Start(WickrRequest request, WickrDestination destination, int attempt)
    {
        var (operation, location) = (request.Operation, destination.Route.Location);
        if (Source.StartActivity($"{operation.Method} {operation.PathTemplate}", ActivityKind.Client) is not { } span)
            return null;

        span.SetTag("http.request.method", operation.Method.Method);
        span.SetTag("url.template", operation.PathTemplate);
        // The path has the network's id; those of the users are in the body. An endpoint has neither user nor password.
        span.SetTag("url.full", $"{location.BaseUrl}{request.PathAndQuery}");
        span.SetTag("server.address", location.Endpoint.Host);
        span.SetTag("server.port", location.Endpoint.Port);
        span.SetTag("cloud.region", location.Region);
        span.SetTag("rpc.system", "aws-api");
        span.SetTag("rpc.service", "Wickr");
        span.SetTag("rpc.method", operation.Name);
        span.SetTag(SpanAttributes.Caller, destination.CallerName);
        span.SetTag(SpanAttributes.Network, request.NetworkId);
        span.SetTag(SpanAttributes.Attempt, attempt);
        if (attempt > 1)
            span.SetTag("http.request.resend_count", attempt - 1);

        return span;
    }

    public static void SetResult(this Activity span, AttemptResult attempt)
    {
        var result = attempt.Status.Label();
        span.SetTag(SpanAttributes.Result, result);
        if (attempt.Response is { } response)
        {
            span.SetTag("http.response.status_code", response.Status);
            span.SetTag("aws.request_id", response.RequestId);
        }

        if (attempt.Status == AttemptStatus.Accepted)
            return;

        span.SetTag("error.type", attempt.Response?.ErrorType ?? attempt.Response?.Status.ToString() ?? result);
        span.SetStatus(ActivityStatusCode.Error);
    }
}
