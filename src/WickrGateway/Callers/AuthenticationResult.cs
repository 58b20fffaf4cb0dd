namespace WickrGateway.Callers;

/// <summary>The valid credential of a request: an API key's fingerprint, a token's subject and issuer, or both.</summary>
internal sealed record Credential(string? KeyFingerprint, string? Subject, string? Issuer);

/// <summary>Who sent a request. Without a credential the request is anonymous.</summary>
/// <param name="Caller">Null for an anonymous request, and for a valid token whose subject is not mapped to a caller.</param>
/// <param name="HasInvalidToken">For the challenge: RFC 6750, section 3.1, allows <c>invalid_token</c> only when the request had a token.</param>
internal readonly record struct AuthenticationResult(Caller? Caller, Credential? Credential, bool HasInvalidToken)
{
    public static AuthenticationResult Anonymous { get; } = new(null, null, HasInvalidToken: false);

    public static AuthenticationResult InvalidToken { get; } = new(null, null, HasInvalidToken: true);
}
