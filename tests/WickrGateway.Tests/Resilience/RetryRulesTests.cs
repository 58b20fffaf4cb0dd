using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

public sealed class RetryRulesTests
{
    [Theory]
    [InlineData("TimedOut", "Transient")]
    [InlineData("Failed", "Transient")]
    [InlineData("CutShort", "Transient")]
    [InlineData("NotSent", "Transient")]
    [InlineData("Broken", "Transient")]
    [InlineData("Throttled", "Throttling")]
    [InlineData("Accepted", "None")]
    [InlineData("Rejected", "None")]
    [InlineData("Denied", "None")]
    [InlineData("Unrecognised", "None")]
    [InlineData("NoCredentials", "None")]
    public void What_is_worth_another_attempt(string verdict, string reason) =>
        Assert.Equal(Enum.Parse<RetryReason>(reason), RetryRules.Reason(new Attempt { Status = Enum.Parse<AttemptStatus>(verdict) }));

    [Theory]
    [InlineData("Transient", 1, 1, null, 0.05)]
    [InlineData("Transient", 1, 0.5, null, 0.025)]
    [InlineData("Transient", 1, 0, null, 0)]
    [InlineData("Transient", 3, 1, null, 0.2)]
    [InlineData("Transient", 10, 1, null, 20)]
    [InlineData("Throttling", 1, 1, null, 1)]
    [InlineData("Throttling", 2, 0.25, null, 0.5)]
    [InlineData("Throttling", 6, 1, null, 20)]
    [InlineData("Throttling", 10, 1, null, 20)]
    [InlineData("Throttling", 1, 0, 3.0, 3)]
    [InlineData("Throttling", 1, 1, 0.2, 1)]
    [InlineData("Transient", 1, 1, 120.0, 120)]
    [InlineData("Transient", 1, 0, 0.0, 0)]
    [InlineData("Mended", 2, 1, null, 0)]
    public void How_long_to_wait(string reason, int failures, double random, double? floor, double seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            RetryRules.Wait(Enum.Parse<RetryReason>(reason), failures, random, floor is { } wanted ? TimeSpan.FromSeconds(wanted) : null));

    [Theory]
    [InlineData(429, null, "Throttled")]
    [InlineData(400, "ThrottlingException", "Throttled")]
    [InlineData(503, "SlowDown", "Throttled")]
    [InlineData(400, "BadRequestError", "Rejected")]
    [InlineData(404, "ResourceNotFoundError", "Rejected")]
    [InlineData(422, "ValidationError", "Rejected")]
    [InlineData(401, "UnauthorizedError", "Denied")]
    [InlineData(403, "AccessDeniedException", "Denied")]
    [InlineData(400, "UnrecognizedClientException", "Denied")]
    [InlineData(400, "ExpiredTokenException", "Denied")]
    [InlineData(500, "InternalServerError", "Failed")]
    [InlineData(502, null, "Failed")]
    [InlineData(503, "ServiceUnavailable", "Failed")]
    [InlineData(504, null, "Failed")]
    [InlineData(501, null, "Unrecognised")]
    [InlineData(204, null, "Unrecognised")]
    [InlineData(302, null, "Unrecognised")]
    [InlineData(409, null, "Unrecognised")]
    public void What_an_answer_means(int status, string? errorType, string verdict) =>
        Assert.Equal(Enum.Parse<AttemptStatus>(verdict), ResponseClassifier.Classify(new WickrResponse(status, null, null, "{}"u8.ToArray()) { ErrorType = errorType }));

    [Theory]
    [InlineData("RateLimitError", "RateLimitError")]
    [InlineData("RateLimitError:http://internal.amazon.com/coral/com.amazon.wickr/", "RateLimitError")]
    [InlineData("aws.wickr#RateLimitError", "RateLimitError")]
    [InlineData("a#b#RateLimitError:http://x/#y", "RateLimitError")]
    [InlineData(":", null)]
    [InlineData("", null)]
    public void An_errors_name_stands_between_the_last_hash_and_the_first_colon(string raw, string? name) => Assert.Equal(name, WickrErrors.Name(raw));
}
