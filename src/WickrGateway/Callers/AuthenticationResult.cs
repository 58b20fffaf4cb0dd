namespace WickrGateway.Callers;

/// <summary>The valid credential of a request: an API key's fingerprint, a token's subject and issuer, or both.</summary>
internal sealed record Credential(string? KeyFingerprint, string? Subject, string? Issuer)
{
    /// <summary>In audit and responses: a token says more about who it was than the key beside it.</summary>
    public string Kind => Subject is null ? "apiKey" : "jwt";
}

/// <summary>Why a request has no valid credential.</summary>
internal enum AuthenticationFailure
{
    NoCredential,
    InvalidApiKey,

    /// <summary><c>Authorization</c> has another scheme than Bearer, or several values.</summary>
    NotABearerToken,

    InvalidToken,

    /// <summary>The API key and the token are valid, but belong to different callers.</summary>
    DifferentCallers,
}

/// <summary>Who sent a request.</summary>
/// <param name="Caller">Null without a valid credential, and for a valid token whose subject is not mapped to a caller.</param>
/// <param name="Failure">Null with a valid credential.</param>
internal readonly record struct AuthenticationResult(Caller? Caller, Credential? Credential, AuthenticationFailure? Failure)
{
    public static AuthenticationResult Authenticated(Caller? caller, Credential credential) => new(caller, credential, null);

    public static AuthenticationResult Failed(AuthenticationFailure failure) => new(null, null, failure);
}
