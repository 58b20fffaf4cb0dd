using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Whatever Wickr, or what answers in its place, does wrong: one problem, the right outcome, and no hanging.</summary>
public sealed class WickrFailureTests : IAsyncDisposable
{
    private readonly GatewayFixture _rig = new(new() { ["Wickr:AttemptTimeout"] = "00:00:03" });

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Wickr_s_5xx_Returns_wickr_failed_with_outcome_unknown(int status)
    {
        _rig.Wickr.Then(status, """{"message":"Sorry"}""", "x-amzn-ErrorType: InternalServerError", "x-amzn-RequestId: req-9", "Content-Type: application/json");

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
    public async Task A_status_that_Wickr_does_not_have_Returns_wickr_failed_with_outcome_unknown(int status)
    {
        _rig.Wickr.Then(status, GatewayFixture.Success, "Content-Type: application/json");

        await FailedAsync();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_Is_not_followed(int status)
    {
        await using var elsewhere = new ScriptedUpstream();
        _rig.Wickr.Then(status, "", $"Location: {elsewhere.Address}");

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
    public async Task A_200_that_is_not_one_JSON_object_Is_no_success(string body)
    {
        _rig.Wickr.Then(200, body, "Content-Type: application/json");

        await FailedAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D })]
    public async Task A_200_that_is_not_UTF8_Is_no_success(byte[] body)
    {
        _rig.Wickr.Then(200, body, "Content-Type: application/json");

        await FailedAsync();
    }

    [Fact]
    public async Task A_204_Returns_wickr_failed_with_outcome_unknown()
    {
        _rig.Wickr.ThenRaw("HTTP/1.1 204 No Content\r\n\r\n");

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
    public async Task An_answer_that_was_cut_Returns_wickr_failed_with_outcome_unknown(string answer)
    {
        _rig.Wickr.ThenRawAndClose(answer);

        await FailedAsync();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task An_encoded_answer_Returns_wickr_failed_with_outcome_unknown(string encoding)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success, $"Content-Encoding: {encoding}");

        await FailedAsync();
    }

    [Fact]
    public async Task A_200_of_one_byte_more_than_1_MiB_Returns_wickr_failed_with_outcome_unknown()
    {
        _rig.Wickr.Then(200, VerbatimTests.Long((1024 * 1024) + 1));

        await FailedAsync();
    }

    [Fact]
    public async Task A_chunked_answer_without_an_end_Returns_wickr_failed_with_outcome_unknown()
    {
        _rig.Wickr.Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync("10\r\n{\"message\":\"ok\"}\r\n"u8.ToArray(), stop);
        });

        await FailedAsync();
    }

    [Fact]
    public async Task A_flood_of_headers_Returns_wickr_failed_with_outcome_unknown()
    {
        _rig.Wickr.Then(async (stream, _, stop) =>
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
    public async Task An_answer_that_is_no_HTTP_Leaves_the_outcome_unknown(string answer)
    {
        _rig.Wickr.ThenRawAndClose(answer);

        var problem = await _rig.ProblemAsync();

        Assert.Contains(problem.Type, (string[])["wickr-failed", "wickr-unreachable"]);
        Assert.Equal(502, problem.Status);
        Assert.Equal("unknown", problem.Outcome);
    }

    [Fact]
    public async Task A_reset_instead_of_an_answer_Returns_wickr_unreachable_with_outcome_unknown()
    {
        _rig.Wickr.ThenReset();

        var problem = await _rig.ProblemAsync();

        Assert.Equal("wickr-unreachable", problem.Type);
        Assert.Equal(502, problem.Status);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        Assert.Null(problem.Wickr);
    }

    [Fact]
    public async Task A_close_instead_of_an_answer_Returns_wickr_unreachable_with_outcome_unknown()
    {
        _rig.Wickr.ThenRawAndClose("");

        var problem = await _rig.ProblemAsync();

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
        await using var rig = new GatewayFixture(new() { ["Wickr:AttemptTimeout"] = "00:00:00.3" });
        rig.Wickr.Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(start), stop);
            await Task.Delay(Timeout.Infinite, stop);
        });

        var problem = await rig.ProblemAsync();

        Assert.Equal(504, problem.Status);
        Assert.Equal("wickr-timeout", problem.Type);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        Assert.Null(problem.Wickr);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://name.invalid/")]
    public async Task No_connection_Returns_wickr_unreachable_with_outcome_not_applied(string endpoint)
    {
        await using var rig = new GatewayFixture(new() { ["Wickr:Endpoint"] = endpoint });

        var problem = await rig.ProblemAsync();

        Assert.Equal(502, problem.Status);
        Assert.Equal("wickr-unreachable", problem.Type);
        Assert.Equal("not-applied", problem.Outcome);
        Assert.Null(problem.Wickr);
    }

    private async Task<Problem> FailedAsync()
    {
        var problem = await _rig.ProblemAsync();

        Assert.Equal(502, problem.Status);
        Assert.Equal("wickr-failed", problem.Type);
        Assert.Equal("unknown", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
        return problem;
    }
}
