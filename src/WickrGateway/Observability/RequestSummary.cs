using System.Diagnostics;

namespace WickrGateway.Observability;

/// <summary>What log and span say about a request beyond HTTP itself. Set once, as a feature of the request, when its end is known.</summary>
/// <param name="Caller">The configured name.</param>
/// <param name="Network">A well-formed network id.</param>
/// <param name="Problem">The problem's type without its URN prefix, or <c>disconnected</c>.</param>
internal sealed record RequestSummary(string? Caller, string? Network, string? Problem);

internal static class RequestTrace
{
    /// <summary>The trace id of W3C Trace Context where there is one, else the server's own id of the request.</summary>
    public static string Id(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}
