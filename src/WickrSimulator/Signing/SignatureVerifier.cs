using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WickrSimulator.Wickr;

namespace WickrSimulator.Signing;

/// <summary>Judges a request's signature as AWS's front door does: null lets it in, anything else is the refusal.</summary>
internal sealed class SignatureVerifier(SimulatorOptions options, TimeProvider time)
{
    private const string Service = "wickr";
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);

    public AwsError? Verify(SignedRequest request)
    {
        if (request.Header("authorization") is not { Length: > 0 } header)
            return AwsError.FrontDoor("MissingAuthenticationTokenException", "Missing Authentication Token");

        if (Authorization.Parse(header) is not { } authorization)
            return AwsError.FrontDoor("IncompleteSignatureException", $"The Authorization header must be '{SigV4.Algorithm} Credential=…, SignedHeaders=…, Signature=…' with a Credential of key/date/region/service/aws4_request.");

        if (!options.Credentials.TryGetValue(authorization.AccessKeyId, out var credential) || !SameToken(request.Header("x-amz-security-token"), credential.SessionToken))
            return AwsError.FrontDoor("UnrecognizedClientException", "The security token included in the request is invalid.");

        if (SigningTime(request) is not { } signedAt)
            return AwsError.FrontDoor("IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header that can be read.");

        var timestamp = Stamp(signedAt);
        var canonical = SigV4.CanonicalRequest(request, authorization.SignedHeaders);
        var toSign = SigV4.StringToSign(canonical, timestamp, authorization.Scope);
        var fault = ScopeFault(authorization, timestamp) ?? SkewFault(signedAt, timestamp) ?? HeaderFault(request, authorization) ?? SignatureFault(authorization, credential, toSign);
        return fault is null
            ? null
            : AwsError.FrontDoor("InvalidSignatureException", $"{fault}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{toSign}'\n");
    }

    private string? ScopeFault(Authorization authorization, string timestamp)
    {
        if (authorization.Date != timestamp[..8])
            return $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{authorization.Date}' != '{timestamp[..8]}'.";

        if (authorization.Region != options.Region)
            return $"Credential should be scoped to a valid region, '{options.Region}'.";

        return authorization.Service == Service ? null : $"Credential should be scoped to correct service: '{Service}'.";
    }

    private string? SkewFault(DateTimeOffset signedAt, string timestamp)
    {
        var now = time.GetUtcNow();
        if (now - signedAt > MostSkew)
            return $"Signature expired: {timestamp} is now earlier than {Stamp(now - MostSkew)} ({Stamp(now)} - 15 min.)";

        return signedAt - now > MostSkew ? $"Signature not yet current: {timestamp} is still later than {Stamp(now + MostSkew)} ({Stamp(now)} + 15 min.)" : null;
    }

    private static string? HeaderFault(SignedRequest request, Authorization authorization)
    {
        var unsigned = request.Headers.Keys
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Append("host")
            .Where(name => !authorization.SignedHeaders.Contains(name, StringComparer.Ordinal))
            .ToArray();
        if (unsigned.Length > 0)
            return $"'Host' and every 'X-Amz-' header sent must be a 'SignedHeader' in the AWS Authorization; missing: {string.Join(", ", unsigned.Distinct(StringComparer.Ordinal))}.";

        if (authorization.SignedHeaders.FirstOrDefault(name => !request.Headers.ContainsKey(name)) is { } absent)
            return $"The signed header '{absent}' is not in the request.";

        return request.Header("x-amz-content-sha256") is { } hash && hash != SigV4.Hash(request.Body)
            ? "The value of 'X-Amz-Content-Sha256' is not the SHA-256 of the body."
            : null;
    }

    private static string? SignatureFault(Authorization authorization, SigningCredential credential, string toSign)
    {
        var expected = SigV4.Signature(credential.SecretAccessKey, authorization.Scope, toSign);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(authorization.Signature))
            ? null
            : "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.";
    }

    private static bool SameToken(string? sent, string? expected) =>
        sent is null || expected is null
            ? sent == expected
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(expected));

    private static DateTimeOffset? SigningTime(SignedRequest request)
    {
        if (request.Header("x-amz-date") is { } stamp)
        {
            return DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var precise) ? precise : null;
        }

        return DateTimeOffset.TryParseExact(request.Header("date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;
    }

    private static string Stamp(DateTimeOffset moment) => moment.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
