using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WickrSimulator.Aws;

namespace WickrSimulator.Signing;

/// <summary>Verifies a request's signature as AWS does before the request reaches a service.</summary>
/// <param name="regions">The regions that requests may be signed for.</param>
internal sealed class SignatureVerifier(CredentialStore credentials, IReadOnlyList<string> regions, TimeProvider clock)
{
    private const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";

    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(15);

    /// <summary>Either who signed the request, or the refusal.</summary>
    /// <param name="service">The service that it must be signed for, such as <c>wickr</c>.</param>
    public (Signer? Signer, AwsError? Refusal) Verify(SignedRequest request, string service)
    {
        var refusal = Check(request, service, out var signer);
        return refusal is null ? (signer, null) : (null, refusal);
    }

    private AwsError? Check(SignedRequest request, string service, out Signer? signer)
    {
        signer = null;
        if (request.Header("authorization") is not { Length: > 0 } header)
            return AwsError.Forbidden("MissingAuthenticationTokenException", "Missing Authentication Token");

        if (Authorization.Parse(header) is not { } authorization)
            return AwsError.Forbidden("IncompleteSignatureException", $"The Authorization header must be '{SigV4.Algorithm} Credential=…, SignedHeaders=…, Signature=…' with a Credential of key/date/region/service/aws4_request.");

        if (credentials.Find(authorization.AccessKeyId) is not { } credential || !MatchesSessionToken(request.Header("x-amz-security-token"), credential.SessionToken))
            return AwsError.Forbidden("UnrecognizedClientException", "The security token included in the request is invalid.");

        if (ReadSigningTime(request) is not { } signedAt)
            return AwsError.Forbidden("IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header in a valid format.");

        var timestamp = FormatTimestamp(signedAt);
        var canonical = SigV4.CanonicalRequest(request, authorization.SignedHeaders);
        var stringToSign = SigV4.StringToSign(canonical, timestamp, authorization.Scope);
        var error = CheckScope(authorization, timestamp, service) ?? CheckTime(signedAt, timestamp) ?? CheckHeaders(request, authorization) ?? CheckSignature(authorization, credential, stringToSign);
        if (error is null && credential.Session?.Expiration <= clock.GetUtcNow())
            return AwsError.Forbidden("ExpiredTokenException", "The security token included in the request is expired");

        signer = new Signer(credential, authorization.Region);
        return error is null
            ? null
            : AwsError.Forbidden("InvalidSignatureException", $"{error}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{stringToSign}'\n");
    }

    private string? CheckScope(Authorization authorization, string timestamp, string service)
    {
        if (authorization.Date != timestamp[..8])
            return $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{authorization.Date}' != '{timestamp[..8]}'.";

        if (!regions.Contains(authorization.Region, StringComparer.Ordinal))
            return $"Credential should be scoped to a valid region, '{string.Join("' or '", regions)}'.";

        return authorization.Service == service ? null : $"Credential should be scoped to correct service: '{service}'.";
    }

    private string? CheckTime(DateTimeOffset signedAt, string timestamp)
    {
        var now = clock.GetUtcNow();
        if (now - signedAt > MaxClockSkew)
            return $"Signature expired: {timestamp} is now earlier than {FormatTimestamp(now - MaxClockSkew)} ({FormatTimestamp(now)} - 15 min.)";

        return signedAt - now > MaxClockSkew ? $"Signature not yet current: {timestamp} is still later than {FormatTimestamp(now + MaxClockSkew)} ({FormatTimestamp(now)} + 15 min.)" : null;
    }

    private static string? CheckHeaders(SignedRequest request, Authorization authorization)
    {
        var unsigned = request.Headers.Keys
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Append("host")
            .Where(name => !authorization.SignedHeaders.Contains(name, StringComparer.Ordinal))
            .ToArray();
        if (unsigned.Length > 0)
            return $"'Host' and every 'X-Amz-' header sent must be a 'SignedHeader' in the AWS Authorization; missing: {string.Join(", ", unsigned.Distinct(StringComparer.Ordinal))}.";

        if (authorization.SignedHeaders.FirstOrDefault(name => !request.Headers.ContainsKey(name)) is { } missing)
            return $"The signed header '{missing}' is not in the request.";

        return request.Header("x-amz-content-sha256") is { } hash && hash != SigV4.Hash(request.Body)
            ? "The value of 'X-Amz-Content-Sha256' is not the SHA-256 of the body."
            : null;
    }

    private static string? CheckSignature(Authorization authorization, SigningCredential credential, string stringToSign)
    {
        var expected = SigV4.Signature(credential.SecretAccessKey, authorization.Scope, stringToSign);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(authorization.Signature))
            ? null
            : "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.";
    }

    private static bool MatchesSessionToken(string? sent, string? expected) =>
        sent is null || expected is null
            ? sent == expected
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(expected));

    private static DateTimeOffset? ReadSigningTime(SignedRequest request)
    {
        var (text, format) = request.Header("x-amz-date") is { } timestamp ? (timestamp, TimestampFormat) : (request.Header("date"), "r");
        return DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    private static string FormatTimestamp(DateTimeOffset time) => time.ToString(TimestampFormat, CultureInfo.InvariantCulture);
}
