namespace WickrGateway.Observability;

/// <summary>What log and span say about a request beyond HTTP itself. Set once, as a feature of the request, when its end is known.</summary>
/// <param name="Caller">The configured name.</param>
/// <param name="Network">A well-formed network id.</param>
/// <param name="Problem">The problem's type without its URN prefix, or <c>disconnected</c>.</param>
internal sealed record RequestSummary(string? Caller, string? Network, string? Problem);
