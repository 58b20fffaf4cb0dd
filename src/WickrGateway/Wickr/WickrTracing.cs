using System.Diagnostics;

namespace WickrGateway.Wickr;

/// <summary>One client span for each attempt, with the names of the semantic conventions for HTTP; only made when something listens.</summary>
internal static class WickrTracing
{
    public const string SourceName = "WickrGateway";

    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="attempt">From 1.</param>
    public static Activity? Start(WickrOperation operation, WickrLocation location, int attempt)
    {
        if (Source.StartActivity($"{operation.Method} {operation.PathTemplate}", ActivityKind.Client) is not { } span)
            return null;

        span.SetTag("http.request.method", operation.Method.Method);
        span.SetTag("url.template", operation.PathTemplate);
        span.SetTag("server.address", location.Endpoint.Host);
        span.SetTag("server.port", location.Endpoint.Port);
        span.SetTag("cloud.region", location.Region);
        span.SetTag("rpc.system", "aws-api");
        span.SetTag("rpc.service", "Wickr");
        span.SetTag("rpc.method", operation.Name);
        span.SetTag("wickr_gateway.attempt", attempt);
        if (attempt > 1)
            span.SetTag("http.request.resend_count", attempt - 1);

        return span;
    }

    public static void SetResult(this Activity span, AttemptResult attempt)
    {
        var result = attempt.Status.Label();
        span.SetTag("wickr_gateway.result", result);
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
