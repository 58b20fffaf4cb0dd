using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Unicode;
using WickrGateway.Problems;

namespace WickrGateway.Wickr;

/// <summary>What a response means, and what is known at the end of a call. Pure rules: no I/O, no clock.</summary>
internal static class ResponseClassifier
{
    /// <summary>Of nested JSON in a 200; .NET's own limit of 64 is not Wickr's.</summary>
    public const int MaxDepth = 1000;

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

    /// <summary>Codes of AWS's front door about the gateway's signature and permissions; some come with a 400.</summary>
    private static readonly FrozenSet<string> AccessDeniedCodes = FrozenSet.Create(
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

    public static AttemptStatus Classify(WickrResponse response)
    {
        if (response.Status == 200)
            return IsOneJsonObject(response.Body) ? AttemptStatus.Accepted : AttemptStatus.UnexpectedResponse;

        if (response.Status == 429 || (response.Status >= 400 && response.ErrorType is { } code && ThrottlingCodes.Contains(code)))
            return AttemptStatus.Throttled;

        return response.Status switch
        {
            401 or 403 => AttemptStatus.AccessDenied,
            400 when response.ErrorType is { } type && AccessDeniedCodes.Contains(type) => AttemptStatus.AccessDenied,
            400 or 404 or 422 => AttemptStatus.Rejected,
            500 or 502 or 503 or 504 => AttemptStatus.ServerError,
            _ => AttemptStatus.UnexpectedResponse,
        };
    }

    /// <summary>
    /// Whether the change may have happened. An unclear attempt stays unclear until Wickr itself returns its own result for the same request;
    /// every other response speaks for its own attempt only.
    /// </summary>
    public static ChangeOutcome ResolveOutcome(IEnumerable<AttemptResult> attempts)
    {
        var isUnclear = false;
        foreach (var attempt in attempts)
        {
            if (attempt.Status == AttemptStatus.Accepted || (attempt.Status == AttemptStatus.Rejected && IsFromWickr(attempt.Response)))
                isUnclear = false;
            else
                isUnclear |= attempt.IsUnclear;
        }

        return isUnclear ? ChangeOutcome.Unknown : ChangeOutcome.NotApplied;
    }

    /// <summary>A proxy's own page with a 404 says nothing about an earlier attempt.</summary>
    private static bool IsFromWickr(WickrResponse? response) => response is not null && (response.ErrorType is not null || IsOneJsonObject(response.Body));

    private static bool IsOneJsonObject(ReadOnlySpan<byte> body)
    {
        // The JSON reader does not check the bytes of strings.
        if (!Utf8.IsValid(body))
            return false;

        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
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
