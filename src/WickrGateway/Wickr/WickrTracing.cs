using System.Diagnostics;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>One client span for each attempt, in the words of the semantic conventions for HTTP; made only when somebody listens.</summary>
internal static class WickrTracing
{
    public const string SourceName = "WickrGateway";

    private const string Template = "/networks/{networkId}/users/toggleSuspend";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Start(WickrCallState call, Uri endpoint)
    {
        if (Source.StartActivity($"PATCH {Template}", ActivityKind.Client) is not { } span)
            return null;

        span.SetTag("http.request.method", "PATCH");
        span.SetTag("url.template", Template);
        span.SetTag("server.address", endpoint.Host);
        span.SetTag("server.port", endpoint.Port);
        span.SetTag("rpc.system", "aws-api");
        span.SetTag("rpc.service", "Wickr");
        span.SetTag("rpc.method", "BatchToggleUserSuspendStatus");
        span.SetTag("wickr_gateway.attempt", call.Attempts.Count);
        if (call.Attempts.Count > 1)
            span.SetTag("http.request.resend_count", call.Attempts.Count - 1);

        return span;
    }

    public static void Describe(this Activity span, Attempt attempt)
    {
        var verdict = GatewayMetrics.Name(attempt.Status);
        span.SetTag("wickr_gateway.verdict", verdict);
        if (attempt.Answer is { } answer)
        {
            span.SetTag("http.response.status_code", answer.Status);
            span.SetTag("aws.request_id", answer.RequestId);
        }

        if (attempt.Status == AttemptStatus.Accepted)
            return;

        span.SetTag("error.type", attempt.Answer?.ErrorType ?? attempt.Answer?.Status.ToString() ?? verdict);
        span.SetStatus(ActivityStatusCode.Error);
    }
}
