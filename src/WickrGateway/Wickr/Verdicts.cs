using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Unicode;

namespace WickrGateway.Wickr;

/// <summary>What an answer means, and what is known at the end of a call. Pure rules: no I/O, no clock.</summary>
internal static class Verdicts
{
    /// <summary>AWS's list of throttling codes (SDK reference guide, retry behavior), and Wickr's own.</summary>
    private static readonly FrozenSet<string> ThrottlingCodes = FrozenSet.Create(
        StringComparer.Ordinal,
        "RateLimitError",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException");

    /// <summary>Codes of AWS's front door that are about the gateway's signature and rights, also where they come with a 400.</summary>
    private static readonly FrozenSet<string> DenialCodes = FrozenSet.Create(
        StringComparer.Ordinal,
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException");

    public static Verdict Of(WickrAnswer answer)
    {
        if (answer.Status == 200)
            return IsOneJsonObject(answer.Body) ? Verdict.Accepted : Verdict.Unrecognised;

        if (answer.Status == 429 || (answer.Status >= 400 && answer.ErrorType is { } code && ThrottlingCodes.Contains(code)))
            return Verdict.Throttled;

        return answer.Status switch
        {
            401 or 403 => Verdict.Denied,
            400 when answer.ErrorType is { } type && DenialCodes.Contains(type) => Verdict.Denied,
            400 or 404 or 422 => Verdict.Rejected,
            500 or 502 or 503 or 504 => Verdict.Failed,
            _ => Verdict.Unrecognised,
        };
    }

    /// <summary>
    /// Whether the change may have happened. An unclear attempt stays unclear until Wickr itself gives its verdict on the same request;
    /// every other answer speaks for its own attempt alone.
    /// </summary>
    public static Outcome Outcome(IEnumerable<Attempt> attempts)
    {
        var unclear = false;
        foreach (var attempt in attempts)
        {
            if (attempt.Verdict is Verdict.Accepted or Verdict.Rejected)
                unclear = false;
            else if (attempt is { Verdict: Verdict.TimedOut or Verdict.Failed or Verdict.Unrecognised or Verdict.CutShort or Verdict.Broken } or { Answer.Status: >= 500 })
                unclear = true;
        }

        return unclear ? WickrGateway.Outcome.Unknown : WickrGateway.Outcome.NotApplied;
    }

    private static bool IsOneJsonObject(ReadOnlySpan<byte> body)
    {
        // The reader passes over strings' bytes without looking.
        if (!Utf8.IsValid(body))
            return false;

        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;

            while (json.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
