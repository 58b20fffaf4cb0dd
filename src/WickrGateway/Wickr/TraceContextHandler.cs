using System.Diagnostics;

namespace WickrGateway.Wickr;

/// <summary>
/// Sends the trace context (W3C) to Wickr. It runs after the signing, so these headers are not signed: a proxy on the way that takes part
/// in the trace rewrites them and must not break the signature. Baggage is never sent: it is the callers'.
/// </summary>
internal sealed class TraceContextHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } span)
        {
            request.Headers.TryAddWithoutValidation("traceparent", span.Id);
            if (span.TraceStateString is { Length: > 0 } state)
                request.Headers.TryAddWithoutValidation("tracestate", state);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
