namespace WickrGateway.Commands.Doctor;

/// <summary>What AWS, or whatever responds in its place, says: printed only where it has the form of a code or an ARN.</summary>
internal static class AwsText
{
    private const int MaxLength = 256;

    public static string Clean(string? text) =>
        text is { Length: > 0 and <= MaxLength } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is ':' or '/' or '-' or '_' or '.' or '+' or '=' or ',' or '@') ? text : "no code";

    /// <param name="cause">The type of an exception, or AWS's code.</param>
    public static string DescribeFailure(string? cause) => cause switch
    {
        nameof(OperationCanceledException) or nameof(TaskCanceledException) or nameof(TimeoutException) => "no response in time",
        nameof(HttpRequestException) => "no connection, or it broke",
        _ => Clean(cause),
    };

    /// <summary>For a refusal of the signature.</summary>
    public static string RemedyFor(string? code) => code switch
    {
        "ExpiredToken" or "ExpiredTokenException" => "They have expired: renew them at their source",
        "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture" => "Correct this host's clock",
        "InvalidClientTokenId" or "UnrecognizedClientException" => "AWS does not know the access key or its session token: check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, whether the key was deleted, and whether it is of this partition",
        "SignatureDoesNotMatch" or "InvalidSignatureException" => "The secret does not belong to the access key (check AWS_SECRET_ACCESS_KEY), the endpoint is of another region than Wickr:Region, this host's clock is wrong, or a proxy on the way changes requests",
        _ => "Check the credentials, the region and any proxy on the way",
    };
}
