using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

public sealed class RetryRulesTests
{
    [Theory]
    [InlineData("TimedOut", "Transient")]
    [InlineData("ServerError", "Transient")]
    [InlineData("ResponseTruncated", "Transient")]
    [InlineData("ConnectFailed", "Transient")]
    [InlineData("ConnectionReset", "Transient")]
    [InlineData("Throttled", "Throttling")]
    [InlineData("Accepted", "None")]
    [InlineData("Rejected", "None")]
    [InlineData("AccessDenied", "None")]
    [InlineData("UnexpectedResponse", "None")]
    [InlineData("NoCredentials", "None")]
    public void Each_status_Has_a_reason_to_retry_or_none(string attempt, string reason) =>
        Assert.Equal(Enum.Parse<RetryReason>(reason), RetryRules.Classify(new AttemptResult(Enum.Parse<AttemptStatus>(attempt))));

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
    [InlineData("AuthRecovery", 2, 1, null, 0)]
    public void The_wait_Grows_exponentially_and_is_never_below_the_floor(string reason, int failures, double jitter, double? floor, double seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            RetryRules.Wait(Enum.Parse<RetryReason>(reason), failures, jitter, floor is { } floorSeconds ? TimeSpan.FromSeconds(floorSeconds) : null));

    [Theory]
    [InlineData(429, null, "Throttled")]
    [InlineData(400, "ThrottlingException", "Throttled")]
    [InlineData(503, "SlowDown", "Throttled")]
    [InlineData(400, "BadRequestError", "Rejected")]
    [InlineData(404, "ResourceNotFoundError", "Rejected")]
    [InlineData(422, "ValidationError", "Rejected")]
    [InlineData(401, "UnauthorizedError", "AccessDenied")]
    [InlineData(403, "AccessDeniedException", "AccessDenied")]
    [InlineData(400, "UnrecognizedClientException", "AccessDenied")]
    [InlineData(400, "ExpiredTokenException", "AccessDenied")]
    [InlineData(500, "InternalServerError", "ServerError")]
    [InlineData(502, null, "ServerError")]
    [InlineData(503, "ServiceUnavailable", "ServerError")]
    [InlineData(504, null, "ServerError")]
    [InlineData(501, null, "UnexpectedResponse")]
    [InlineData(204, null, "UnexpectedResponse")]
    [InlineData(302, null, "UnexpectedResponse")]
    [InlineData(409, null, "UnexpectedResponse")]
    public void Each_response_Has_a_status(int status, string? errorType, string attempt) =>
        Assert.Equal(Enum.Parse<AttemptStatus>(attempt), ResponseClassifier.Classify(new WickrResponse(status, null, null, "{}"u8.ToArray()) { ErrorType = errorType }));

    [Theory]
    [InlineData("RateLimitError", "RateLimitError")]
    [InlineData("RateLimitError:http://internal.amazon.com/coral/com.amazon.wickr/", "RateLimitError")]
    [InlineData("aws.wickr#RateLimitError", "RateLimitError")]
    [InlineData("a#b#RateLimitError:http://x/#y", "RateLimitError")]
    [InlineData(":", null)]
    [InlineData("", null)]
    public void The_name_of_an_error_Is_between_the_last_hash_and_the_first_colon(string raw, string? name) => Assert.Equal(name, WickrErrorReader.ParseName(raw));

    [Theory]
    [InlineData("ServerError", true)]
    [InlineData("TimedOut", true)]
    [InlineData("ConnectionReset", true)]
    [InlineData("ConnectFailed", false)]
    [InlineData("Throttled", false)]
    public void An_attempt_that_may_have_reached_Wickr_Is_not_repeated_unless_the_operation_is_idempotent(string status, bool stopsOthers)
    {
        AttemptResult[] attempts = [new(Enum.Parse<AttemptStatus>(status))];

        Assert.True(Decide(attempts, isIdempotent: true).ShouldRetry);
        Assert.Equal(stopsOthers, !Decide(attempts, isIdempotent: false).ShouldRetry);
    }

    [Theory]
    [InlineData(true, "ServerError")]
    [InlineData(true, "Throttled", "TimedOut")]
    [InlineData(true, "ServerError", "NoCredentials")]
    [InlineData(false, "NoCredentials")]
    public void A_call_Counts_as_a_failure_of_Wickr_until_a_later_attempt_gets_a_response(bool isFailure, params string[] statuses)
    {
        Assert.Equal(isFailure, Call([.. statuses.Select(status => new AttemptResult(Enum.Parse<AttemptStatus>(status)))]).CountsAsFailure);
    }

    [Fact]
    public void A_call_whose_last_attempt_was_shortened_Still_counts_for_the_one_that_was_not()
    {
        var full = new AttemptResult(AttemptStatus.TimedOut) { WasCancelled = true };
        var shortened = full with { HadFullTimeout = false };

        Assert.True(Call(full, shortened).CountsAsFailure);
        Assert.False(Call(shortened).CountsAsFailure);
        Assert.False(Call(full, new AttemptResult(AttemptStatus.Accepted) { Response = new WickrResponse(200, null, null, []) }).CountsAsFailure);
    }

    private static WickrCallState Call(params AttemptResult[] attempts)
    {
        var request = new WickrRequest(new WickrOperation("Test", HttpMethod.Patch, "/", IsIdempotent: true), "12345678", "/", [], "t:1");
        var call = new WickrCallState(request, null!, TimeSpan.FromSeconds(20), isShortened: true, TimeProvider.System);
        foreach (var attempt in attempts)
            call.Add(attempt, RetryDecision.Stop());

        return call;
    }

    [Fact]
    public void The_decision_Depends_on_attempts_time_and_tokens_alone()
    {
        AttemptResult[] attempts = [new(AttemptStatus.ServerError)];

        Assert.Equal(new RetryDecision(RetryReason.Transient, TimeSpan.FromMilliseconds(50), 14), Decide(attempts));
        Assert.Equal(Decide(attempts), Decide(attempts));
        Assert.Equal(RetryDecision.Stop(TimeSpan.FromMilliseconds(50)), Decide(attempts, tokens: 13));
        Assert.Equal(RetryDecision.Stop(TimeSpan.FromMilliseconds(50)), Decide(attempts, timeLeft: TimeSpan.FromMilliseconds(50)));
        Assert.Equal(RetryDecision.Stop(TimeSpan.FromMilliseconds(200)), Decide([.. attempts, .. attempts, .. attempts]));
        Assert.Equal(RetryDecision.Stop(), Decide([new(AttemptStatus.Rejected)]));
        Assert.Equal(new RetryDecision(RetryReason.AuthRecovery, TimeSpan.Zero, 0), Decide([new(AttemptStatus.AccessDenied) { Recovery = AuthRecovery.ClockCorrected }], tokens: 0));
    }

    private static RetryDecision Decide(AttemptResult[] attempts, bool isIdempotent = true, TimeSpan? timeLeft = null, int tokens = 500) =>
        RetryRules.Decide(attempts, maxAttempts: 3, isIdempotent, timeLeft ?? TimeSpan.FromSeconds(20), tokens, jitter: 1);
}
