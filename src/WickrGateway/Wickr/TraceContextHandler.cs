using System.Diagnostics;

namespace WickrGateway.Wickr;

/// <summary>
/// Tells Wickr the trace (W3C Trace Context). It stands inside the signing, so these headers are not signed: a proxy on the way that is a
/// part of the trace rewrites them, and must not break the signature. Baggage never leaves: it is the callers'.
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
