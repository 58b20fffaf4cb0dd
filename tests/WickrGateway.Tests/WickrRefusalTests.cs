using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What Wickr and AWS refuse, in the words that are the caller's business.</summary>
public sealed class WickrRefusalTests : IAsyncDisposable
{
    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(400, "BadRequestError")]
    [InlineData(404, "ResourceNotFoundError")]
    [InlineData(422, "ValidationError")]
    public async Task Wickr_s_refusal_Returns_wickr_rejected_with_Wickr_s_status(int status, string errorType)
    {
        _rig.Wickr.Then(status, """{"message":"No","reasons":[{"field":"userIds","reason":"too é"},{"reason":"also"},"odd",{}]}""", $"x-amzn-ErrorType: {errorType}", "x-amzn-RequestId: req-4");

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
    public async Task A_refusal_of_the_gateway_itself_Returns_502_wickr_denied(int status, string? errorType)
    {
        string[] header = errorType is null ? [] : [$"x-amzn-ErrorType: {errorType}"];
        _rig.Wickr.Then(status, """{"message":"User is not authorized"}""", header);

        var problem = await ProblemAsync("wickr-denied", 502, "not-applied");

        Assert.Equal(status, problem.Wickr!.Value.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData(429, "RateLimitError", "not-applied")]
    [InlineData(429, null, "not-applied")]
    [InlineData(400, "ThrottlingException", "not-applied")]
    [InlineData(503, "SlowDown", "unknown")] // A 5xx is unclear, whatever it is called.
    public async Task Throttling_Returns_429_wickr_throttled_with_Retry_After(int status, string? errorType, string outcome)
    {
        string[] headers = [.. errorType is null ? (string[])[] : [$"x-amzn-ErrorType: {errorType}"], "Retry-After: 7"];
        _rig.Wickr.Then(status, """{"message":"Slow"}""", headers);

        var answer = await _rig.RawAsync(GatewayFixture.Path);

        var problem = Problem.Of(answer);
        Assert.Equal("wickr-throttled", problem.Type);
        Assert.Equal(429, problem.Status);
        Assert.Equal("7", answer.Header("Retry-After"));
        Assert.Equal(outcome, problem.Outcome);
    }

    [Theory]
    [InlineData("x-amz-retry-after: 2500", "3")]
    [InlineData("x-amz-retry-after: 1", "1")]
    [InlineData("Retry-After: 0", "1")]
    [InlineData("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", "1")]
    [InlineData("Retry-After: soon", "1")]
    [InlineData("X-Other: 1", "1")]
    public async Task Retry_After_Is_whole_seconds_and_at_least_one(string header, string retryAfter)
    {
        _rig.Wickr.Then(429, "{}", header);

        var answer = await _rig.RawAsync(GatewayFixture.Path);

        Assert.Equal(retryAfter, answer.Header("Retry-After"));
    }

    [Theory]
    [InlineData("x-amzn-ErrorType: aws.wickr#ValidationError:http://internal.amazon.com/coral/", "{}", "ValidationError")]
    [InlineData("x-amzn-ErrorType: ValidationError", """{"code":"Other","__type":"Third"}""", "ValidationError")]
    [InlineData("X-None: 1", """{"code":"aws#BadRequestError:x","__type":"Other"}""", "BadRequestError")]
    [InlineData("X-None: 1", """{"__type":"com.amazon.coral.service#BadRequestError"}""", "BadRequestError")]
    [InlineData("X-None: 1", """{"code":7,"__type":null}""", null)]
    [InlineData("X-None: 1", "<html>", null)]
    [InlineData("X-None: 1", "", null)]
    public async Task The_error_s_name_Is_read_from_where_AWS_puts_it(string header, string body, string? name)
    {
        _rig.Wickr.Then(400, body, header);

        var problem = await ProblemAsync("wickr-rejected", 400, "not-applied");

        Assert.Equal(name, problem.Wickr!.Value.TryGetProperty("errorType", out var errorType) ? errorType.GetString() : null);
    }

    [Theory]
    [InlineData("""{"message":7,"reasons":{}}""")]
    [InlineData("""{"message":null,"reasons":null}""")]
    [InlineData("""{"message":"\ud83d","reasons":[null,1,[]]}""")]
    [InlineData("[1]")]
    [InlineData("no JSON")]
    public async Task A_refusal_of_another_shape_Still_is_a_refusal(string body)
    {
        _rig.Wickr.Then(422, body, "x-amzn-ErrorType: ValidationError");

        var problem = await ProblemAsync("wickr-rejected", 422, "not-applied");

        Assert.False(problem.Wickr!.Value.TryGetProperty("message", out _));
    }

    [Fact]
    public async Task A_message_too_long_to_be_one_Is_shortened()
    {
        _rig.Wickr.Then(400, JsonSerializer.Serialize(new { message = new string('m', 100_000) }));

        var problem = await ProblemAsync("wickr-rejected", 400, "not-applied");

        Assert.Equal(2049, problem.Wickr!.Value.GetProperty("message").GetString()!.Length);
    }

    [Theory]
    [InlineData(403, "InvalidSignatureException")]
    [InlineData(403, "IncompleteSignatureException")]
    [InlineData(422, "ValidationError")]
    [InlineData(500, "InternalServerError")]
    public async Task A_message_that_repeats_the_signed_request_Never_reaches_the_caller(int status, string errorType)
    {
        _rig.Wickr.Then(async (stream, _, stop) =>
        {
            var echo = JsonSerializer.Serialize(string.Join('\n', _rig.Wickr.Received[^1].Headers.Select(header => $"{header.Key}: {header.Value}")));
            var body = $$"""{"message":{{echo}},"reasons":[{"field":{{echo}},"reason":"ok"}]}""";
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 {status} No\r\nx-amzn-ErrorType: {errorType}\r\nContent-Length: {body.Length}\r\n\r\n{body}"), stop);
        });

        var problem = await _rig.ProblemAsync();

        Assert.Equal(errorType, problem.Wickr!.Value.GetProperty("errorType").GetString());
        Assert.False(problem.Wickr.Value.TryGetProperty("message", out _));
        Assert.DoesNotContain(AwsEnvironment.AccessKeyId, problem.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Signature", problem.Wickr.Value.GetProperty("reasons").GetRawText(), StringComparison.Ordinal);
    }

    private async Task<Problem> ProblemAsync(string type, int status, string outcome)
    {
        var problem = await _rig.ProblemAsync();

        Assert.Equal(type, problem.Type);
        Assert.Equal(status, problem.Status);
        Assert.Equal(outcome, problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        return problem;
    }
}
