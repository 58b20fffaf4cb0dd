using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What Wickr and AWS reject, and how much of it the caller sees.</summary>
public sealed class WickrRefusalTests : IAsyncDisposable
{
    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(400, "BadRequestError")]
    [InlineData(404, "ResourceNotFoundError")]
    [InlineData(422, "ValidationError")]
    public async Task Wickr_rejects_the_request_Returns_wickr_rejected_with_its_status(int status, string errorType)
    {
        _fixture.Wickr.Then(status, """{"message":"No","reasons":[{"field":"userIds","reason":"too é"},{"reason":"also"},"odd",{}]}""", $"x-amzn-ErrorType: {errorType}", "x-amzn-RequestId: req-4");

        var problem = await ProblemAsync("wickr-rejected", status, "not-applied");

        Assert.Equal(
            $$"""{"status":{{status}},"errorType":"{{errorType}}","message":"No","reasons":[{"field":"userIds","reason":"too é"},{"reason":"also"},{}],"requestId":"req-4","attempts":1}""",
            problem.Wickr!.Value.GetRawText());
    }

    [Theory]
    [InlineData(401, "UnauthorizedError")]
    [InlineData(403, "ForbiddenError")]
    [InlineData(403, "AccessDeniedException")]
    [InlineData(403, "UnrecognizedClientException")]
    [InlineData(403, "ExpiredTokenException")]
    [InlineData(403, null)]
    [InlineData(400, "UnrecognizedClientException")]
    [InlineData(400, "InvalidSignatureException")]
    [InlineData(400, "MissingAuthenticationTokenException")]
    [InlineData(400, "IncompleteSignatureException")]
    public async Task Wickr_denies_the_gateway_Returns_502_wickr_denied(int status, string? errorType)
    {
        string[] header = errorType is null ? [] : [$"x-amzn-ErrorType: {errorType}"];
        _fixture.Wickr.Then(status, """{"message":"User is not authorized"}""", header);

        var problem = await ProblemAsync("wickr-denied", 502, "not-applied");

        Assert.Equal(status, problem.Wickr!.Value.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData(429, "RateLimitError", "not-applied")]
    [InlineData(429, null, "not-applied")]
    [InlineData(400, "ThrottlingException", "not-applied")]
    [InlineData(503, "SlowDown", "unknown")] // The outcome of a 5xx is unknown whatever its error type.
    public async Task Wickr_throttles_Returns_429_wickr_throttled_with_Retry_After(int status, string? errorType, string outcome)
    {
        string[] headers = [.. errorType is null ? (string[])[] : [$"x-amzn-ErrorType: {errorType}"], "Retry-After: 7"];
        _fixture.Wickr.Then(status, """{"message":"Slow"}""", headers);

        var response = await _fixture.RawAsync(GatewayFixture.Path);

        var problem = Problem.Of(response);
        Assert.Equal("wickr-throttled", problem.Type);
        Assert.Equal(429, problem.Status);
        Assert.Equal("7", response.Header("Retry-After"));
        Assert.Equal(outcome, problem.Outcome);
    }

    [Theory]
    [InlineData("x-amz-retry-after: 2500", "3")]
    [InlineData("x-amz-retry-after: 1", "1")]
    [InlineData("Retry-After: 0", "1")]
    [InlineData("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", "1")]
    [InlineData("Retry-After: soon", "1")]
    [InlineData("X-Other: 1", "1")]
    public async Task Wickr_throttles_Retry_After_is_whole_seconds_and_at_least_one(string header, string retryAfter)
    {
        _fixture.Wickr.Then(429, "{}", header);

        var response = await _fixture.RawAsync(GatewayFixture.Path);

        Assert.Equal(retryAfter, response.Header("Retry-After"));
    }

    [Theory]
    [InlineData("x-amzn-ErrorType: aws.wickr#ValidationError:http://internal.amazon.com/coral/", "{}", "ValidationError")]
    [InlineData("x-amzn-ErrorType: ValidationError", """{"code":"Other","__type":"Third"}""", "ValidationError")]
    [InlineData("X-None: 1", """{"code":"aws#BadRequestError:x","__type":"Other"}""", "BadRequestError")]
    [InlineData("X-None: 1", """{"__type":"com.amazon.coral.service#BadRequestError"}""", "BadRequestError")]
    [InlineData("X-None: 1", """{"code":7,"__type":null}""", null)]
    [InlineData("X-None: 1", "<html>", null)]
    [InlineData("X-None: 1", "", null)]
    public async Task Error_type_is_in_header_or_body_Is_returned_in_the_problem(string header, string body, string? name)
    {
        _fixture.Wickr.Then(400, body, header);

        var problem = await ProblemAsync("wickr-rejected", 400, "not-applied");

        Assert.Equal(name, problem.Wickr!.Value.TryGetProperty("errorType", out var errorType) ? errorType.GetString() : null);
    }

    [Theory]
    [InlineData("""{"message":7,"reasons":{}}""")]
    [InlineData("""{"message":null,"reasons":null}""")]
    [InlineData("""{"message":"\ud83d","reasons":[null,1,[]]}""")]
    [InlineData("[1]")]
    [InlineData("no JSON")]
    public async Task Body_of_a_rejection_has_another_shape_Returns_wickr_rejected(string body)
    {
        _fixture.Wickr.Then(422, body, "x-amzn-ErrorType: ValidationError");

        var problem = await ProblemAsync("wickr-rejected", 422, "not-applied");

        Assert.False(problem.Wickr!.Value.TryGetProperty("message", out _));
    }

    [Fact]
    public async Task Wickrs_message_is_too_long_Is_truncated()
    {
        _fixture.Wickr.Then(400, JsonSerializer.Serialize(new { message = new string('m', 100_000) }));

        var problem = await ProblemAsync("wickr-rejected", 400, "not-applied");

        Assert.Equal(2049, problem.Wickr!.Value.GetProperty("message").GetString()!.Length);
    }

    [Theory]
    [InlineData(403, "InvalidSignatureException")]
    [InlineData(403, "IncompleteSignatureException")]
    [InlineData(422, "ValidationError")]
    [InlineData(500, "InternalServerError")]
    public async Task Wickrs_message_repeats_the_signed_request_Is_never_returned(int status, string errorType)
    {
        _fixture.Wickr.Then(async (stream, _, stop) =>
        {
            var echo = JsonSerializer.Serialize(string.Join('\n', _fixture.Wickr.Received[^1].Headers.Select(header => $"{header.Key}: {header.Value}")));
            var body = $$"""{"message":{{echo}},"reasons":[{"field":{{echo}},"reason":"ok"}]}""";
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 {status} No\r\nx-amzn-ErrorType: {errorType}\r\nContent-Length: {body.Length}\r\n\r\n{body}"), stop);
        });

        var problem = await _fixture.ProblemAsync();

        Assert.Equal(errorType, problem.Wickr!.Value.GetProperty("errorType").GetString());
        Assert.False(problem.Wickr.Value.TryGetProperty("message", out _));
        Assert.DoesNotContain(AwsEnvironment.AccessKeyId, problem.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Signature", problem.Wickr.Value.GetProperty("reasons").GetRawText(), StringComparison.Ordinal);
    }

    private async Task<Problem> ProblemAsync(string type, int status, string outcome)
    {
        var problem = await _fixture.ProblemAsync();

        Assert.Equal(type, problem.Type);
        Assert.Equal(status, problem.Status);
        Assert.Equal(outcome, problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        return problem;
    }
}
