namespace WickrGateway.Wickr;

/// <summary>An operation of the Wickr Admin API, as client, transport, tracing and documents need to know it.</summary>
/// <param name="Name">AWS's name of the operation.</param>
/// <param name="PathTemplate">With parameters in braces.</param>
/// <param name="IsIdempotent">Whether sending the same request again does no harm. If not, an attempt that may have reached Wickr is not repeated.</param>
internal sealed record WickrOperation(string Name, HttpMethod Method, string PathTemplate, bool IsIdempotent);

/// <summary>One call of an operation, before it is signed.</summary>
/// <param name="NetworkId">Whose circuit breaker it counts in.</param>
/// <param name="PathAndQuery">Begins with a slash; ASCII, already escaped.</param>
/// <param name="Body">JSON; empty for a read.</param>
/// <param name="ClientToken">The idempotency token, the same on every attempt; null for a read.</param>
internal sealed record WickrRequest(WickrOperation Operation, string NetworkId, string PathAndQuery, byte[] Body, string? ClientToken);
