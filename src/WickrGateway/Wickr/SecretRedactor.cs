using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>
/// Keeps secrets out of what is repeated of Wickr's error responses. AWS reports an invalid signature with the canonical request that it
/// expected, session token included, or with the Authorization header that it received; callers must see neither.
/// </summary>
internal static class SecretRedactor
{
    private static readonly string[] SignatureMarks = ["Signature=", "AWS4-HMAC-SHA256", "AWS4-ECDSA", "x-amz-security-token", "Canonical String", "String-to-Sign"];

    /// <summary>The text, or null when it repeats a credential or a part of the signed request.</summary>
    public static string? Redact(string? text, ImmutableCredentials credentials) =>
        text is null || ContainsSignature(text) || Contains(text, credentials.AccessKey) || Contains(text, credentials.SecretKey) || Contains(text, credentials.Token)
            ? null
            : text;

    private static bool ContainsSignature(string text) => Array.Exists(SignatureMarks, mark => text.Contains(mark, StringComparison.OrdinalIgnoreCase));

    private static bool Contains(string text, string? secret) =>
        !string.IsNullOrEmpty(secret)
        && (text.Contains(secret, StringComparison.OrdinalIgnoreCase) || text.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase));
}
