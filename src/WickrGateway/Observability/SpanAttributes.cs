namespace WickrGateway.Observability;

/// <summary>The gateway's own attributes of spans; all others are OpenTelemetry's.</summary>
internal static class SpanAttributes
{
    /// <summary>The caller's configured name.</summary>
    public const string Caller = "wickr_gateway.caller";

    /// <summary>A well-formed network id.</summary>
    public const string Network = "wickr_gateway.network";

    /// <summary>The problem's type without its URN prefix, or <c>disconnected</c>.</summary>
    public const string Problem = "wickr_gateway.problem";

    /// <summary>From 1.</summary>
    public const string Attempt = "wickr_gateway.attempt";

    /// <summary>How the attempt ended, as the <c>result</c> label of metrics.</summary>
    public const string Result = "wickr_gateway.result";
}
