using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Whatever Wickr, or a host in its place, does wrong: one problem, the right outcome, and the call always ends.</summary>
public sealed class WickrFailureTests : IAsyncDisposable
{
    private readonly GatewayFixture _fixture = new(new() { ["Wickr:AttemptTimeout"] = "00:00:03" });

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Wickr_returns_5xx_Returns_wickr_failed_with_outcome_unknown(int status)
    {
        _fixture.Wickr.Then(status, """{"message":"Sorry"}""", "x-amzn-ErrorType: InternalServerError", "x-amzn-RequestId: req-9", "Content-Type: application/json");

        var problem = await FailedAsync();

        Assert.Equal(status, problem.Wickr!.Value.GetProperty("status").GetInt32());
        Assert.Equal("InternalServerError", problem.Wickr.Value.GetProperty("errorType").GetString());
        Assert.Equal("Sorry", problem.Wickr.Value.GetProperty("message").GetString());
        Assert.Equal("req-9", problem.Wickr.Value.GetProperty("requestId").GetString());
        Assert.Equal(1, problem.Wickr.Value.GetProperty("attempts").GetInt32());
    }

    [Theory]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(206)]
    [InlineData(405)]
    [InlineData(409)]
    [InlineData(418)]
    [InlineData(501)]
    [InlineData(505)]
    [InlineData(599)]
    public async Task Status_is_not_part_of_the_API_Returns_wickr_failed_with_outcome_unknown(int status)
    {
        _fixture.Wickr.Then(status, GatewayFixture.Success, "Content-Type: application/json");

        await FailedAsync();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Wickr_redirects_Is_not_followed(int status)
    {
        await using var elsewhere = new ScriptedUpstream();
        _fixture.Wickr.Then(status, "", $"Location: {elsewhere.Address}");

        await FailedAsync();

        Assert.Empty(elsewhere.Received);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Welcome</body></html>")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"ok\"")]
    [InlineData("""{"message":"ok",}""")]
    [InlineData("""{"message":"ok" """)]
    [InlineData("""{"message":"ok"}{}""")]
    [InlineData("""{"message":"ok"} x""")]
    [InlineData("{\"message\":\"ok\"}\0")]
    [InlineData("\uFEFF{\"message\":\"ok\"}")]
    [InlineData("""{/* c */"message":"ok"}""")]
    public async Task Body_of_200_is_not_one_JSON_object_Returns_wickr_failed_with_outcome_unknown(string body)
    {
        _fixture.Wickr.Then(200, body, "Content-Type: application/json");

        await FailedAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D })]
    public async Task Body_of_200_is_not_UTF8_Returns_wickr_failed_with_outcome_unknown(byte[] body)
    {
        _fixture.Wickr.Then(200, body, "Content-Type: application/json");

        await FailedAsync();
    }

    [Fact]
    public async Task Wickr_returns_204_Returns_wickr_failed_with_outcome_unknown()
    {
        _fixture.Wickr.ThenRaw("HTTP/1.1 204 No Content\r\n\r\n");

        await FailedAsync();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"message\":\"ok\"}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"message\":\"ok\"}\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"mess")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"message\":\"ok\"}")]
    [InlineData("HTTP/1.1 500 Oh\r\nContent-Length: 500\r\n\r\n{\"message\":\"ok\"}")]
    [InlineData("HTTP/1.1 400 Oh\r\nContent-Length: 500\r\n\r\n{\"message\":\"ok\"}")]
    public async Task Response_is_truncated_Returns_wickr_failed_with_outcome_unknown(string response)
    {
        _fixture.Wickr.ThenRawAndClose(response);

        await FailedAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task Response_has_a_content_encoding_Returns_wickr_failed_with_outcome_unknown(string encoding)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success, $"Content-Encoding: {encoding}");

        await FailedAsync();
    }

    [Fact]
    public async Task Body_of_1_MiB_and_one_byte_Returns_wickr_failed_with_outcome_unknown()
    {
        _fixture.Wickr.Then(200, VerbatimTests.Long((1024 * 1024) + 1));

        await FailedAsync();
    }

    [Fact]
    public async Task Chunked_body_never_ends_Returns_wickr_failed_with_outcome_unknown()
    {
        _fixture.Wickr.Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync("10\r\n{\"message\":\"ok\"}\r\n"u8.ToArray(), stop);
        });

        await FailedAsync();
    }

    [Fact]
    public async Task Headers_never_end_Returns_wickr_failed_with_outcome_unknown()
    {
        _fixture.Wickr.Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync("X-Flood: 0123456789012345678901234567890123456789\r\n"u8.ToArray(), stop);
        });

        await FailedAsync();
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 abc\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task Response_is_not_HTTP_Returns_502_with_outcome_unknown(string response)
    {
        _fixture.Wickr.ThenRawAndClose(response);

        var problem = await _fixture.ProblemAsync();

        Assert.Contains(problem.Type, (string[])["wickr-failed", "wickr-unreachable"]);
        Assert.Equal(502, problem.Status);
        Assert.Equal("unknown", problem.Outcome);
    }

    [Fact]
    public async Task Connection_is_reset_Returns_wickr_unreachable_with_outcome_unknown()
    {
        _fixture.Wickr.ThenReset();

        var problem = await _fixture.ProblemAsync();

        Assert.Equal("wickr-unreachable", problem.Type);
        Assert.Equal(502, problem.Status);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        Assert.Null(problem.Wickr);
    }

    [Fact]
    public async Task Connection_is_closed_without_a_response_Returns_wickr_unreachable_with_outcome_unknown()
    {
        _fixture.Wickr.ThenRawAndClose("");

        var problem = await _fixture.ProblemAsync();

        Assert.Equal("wickr-unreachable", problem.Type);
        Assert.Equal("unknown", problem.Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]
    public async Task Wickr_times_out_Returns_504_with_outcome_unknown(string start)
    {
        await using var fixture = new GatewayFixture(new() { ["Wickr:AttemptTimeout"] = "00:00:00.3" });
        fixture.Wickr.Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(start), stop);
            await Task.Delay(Timeout.Infinite, stop);
        });

        var problem = await fixture.ProblemAsync();

        Assert.Equal(504, problem.Status);
        Assert.Equal("wickr-timeout", problem.Type);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        Assert.Null(problem.Wickr);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://name.invalid/")]
    public async Task Connecting_fails_Returns_wickr_unreachable_with_outcome_not_applied(string endpoint)
    {
        await using var fixture = new GatewayFixture(new() { ["Wickr:Endpoint"] = endpoint });

        var problem = await fixture.ProblemAsync();

        Assert.Equal(502, problem.Status);
        Assert.Equal("wickr-unreachable", problem.Type);
        Assert.Equal("not-applied", problem.Outcome);
        Assert.Null(problem.Wickr);
    }

    private async Task<Problem> FailedAsync()
    {
        var problem = await _fixture.ProblemAsync();

        Assert.Equal(502, problem.Status);
        Assert.Equal("wickr-failed", problem.Type);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        return problem;
    }
}
