using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>
/// What may be told of Wickr's words. AWS answers a signature that it does not accept with the canonical request it expected, session
/// token included, or with the Authorization header it got: nothing that callers, who are not the gateway's operators, may read.
/// </summary>
internal static class SecretRedactor
{
    private static readonly string[] SignatureMarks = ["Signature=", "AWS4-HMAC-SHA256", "AWS4-ECDSA", "x-amz-security-token", "Canonical String", "String-to-Sign"];

    /// <summary>The text, or null when it repeats a credential or a part of the signed request.</summary>
    public static string? Redact(string? text, ImmutableCredentials credentials) =>
        text is null || RepeatsSignature(text) || Repeats(text, credentials.AccessKey) || Repeats(text, credentials.SecretKey) || Repeats(text, credentials.Token)
            ? null
            : text;

    private static bool RepeatsSignature(string text) => Array.Exists(SignatureMarks, mark => text.Contains(mark, StringComparison.OrdinalIgnoreCase));

    private static bool Repeats(string text, string? secret) =>
        !string.IsNullOrEmpty(secret)
        && (text.Contains(secret, StringComparison.OrdinalIgnoreCase) || text.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase));
}
