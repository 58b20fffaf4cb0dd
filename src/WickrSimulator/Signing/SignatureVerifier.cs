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

        if (!options.Credentials.TryGetValue(authorization.AccessKeyId, out var credential) || request.Header("x-amz-security-token") != credential.SessionToken)
            return AwsError.FrontDoor("UnrecognizedClientException", "The security token included in the request is invalid.");

        return ScopeFault(authorization) ?? DateFault(request, authorization, out var timestamp) ?? HeaderFault(request, authorization) ?? SignatureFault(request, authorization, credential, timestamp);
    }

    private AwsError? ScopeFault(Authorization authorization)
    {
        if (authorization.Region != options.Region)
            return Invalid($"Credential should be scoped to a valid region, '{options.Region}'.");

        return authorization.Service == Service ? null : Invalid($"Credential should be scoped to correct service: '{Service}'.");
    }

    private AwsError? DateFault(SignedRequest request, Authorization authorization, out string timestamp)
    {
        timestamp = "";
        if (SigningTime(request) is not { } signedAt)
            return AwsError.FrontDoor("IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header that can be read.");

        timestamp = signedAt.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        if (authorization.Date != timestamp[..8])
            return Invalid($"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{authorization.Date}' != '{timestamp[..8]}'.");

        var skew = time.GetUtcNow() - signedAt;
        if (skew > MostSkew)
            return Invalid($"Signature expired: {timestamp} is now earlier than {Stamp(time.GetUtcNow() - MostSkew)} ({Stamp(time.GetUtcNow())} - 15 min.)");

        return skew < -MostSkew ? Invalid($"Signature not yet current: {timestamp} is still later than {Stamp(time.GetUtcNow() + MostSkew)} ({Stamp(time.GetUtcNow())} + 15 min.)") : null;
    }

    private static AwsError? HeaderFault(SignedRequest request, Authorization authorization)
    {
        var unsigned = request.Headers.Keys
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Append("host")
            .Where(name => !authorization.SignedHeaders.Contains(name, StringComparer.Ordinal))
            .ToArray();
        if (unsigned.Length > 0)
            return Invalid($"'Host' and every 'X-Amz-' header sent must be a 'SignedHeader' in the AWS Authorization; missing: {string.Join(", ", unsigned.Distinct(StringComparer.Ordinal))}.");

        if (authorization.SignedHeaders.FirstOrDefault(name => !request.Headers.ContainsKey(name)) is { } absent)
            return Invalid($"The signed header '{absent}' is not in the request.");

        return request.Header("x-amz-content-sha256") is { } hash && hash != SigV4.Hash(request.Body)
            ? Invalid("The value of 'X-Amz-Content-Sha256' is not the SHA-256 of the body.")
            : null;
    }

    private static AwsError? SignatureFault(SignedRequest request, Authorization authorization, SigningCredential credential, string timestamp)
    {
        var canonical = SigV4.CanonicalRequest(request, authorization.SignedHeaders);
        var toSign = SigV4.StringToSign(canonical, timestamp, authorization.Scope);
        var expected = SigV4.Signature(credential.SecretAccessKey, authorization.Scope, toSign);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(authorization.Signature))
            ? null
            : Invalid($"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{toSign}'\n");
    }

    private static DateTimeOffset? SigningTime(SignedRequest request)
    {
        if (request.Header("x-amz-date") is { } stamp)
        {
            return DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var precise) ? precise : null;
        }

        return DateTimeOffset.TryParseExact(request.Header("date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;
    }

    private static string Stamp(DateTimeOffset moment) => moment.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static AwsError Invalid(string message) => AwsError.FrontDoor("InvalidSignatureException", message);
}
