using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What is judged beside the members: media type, size, network id, and the headers that carry a wish.</summary>
public sealed class RequestRulesTests : IAsyncDisposable
{
    private const int Limit = 64 * 1024;

    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/problem+json")]
    [InlineData("application/jsonp")]
    [InlineData("text/json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json; charset=")]
    [InlineData("application/json, application/json")]
    [InlineData("json")]
    public async Task Another_media_type_or_charset_Returns_415(string? contentType)
    {
        var problem = await ProblemOf(contentType);

        Assert.Equal(415, problem.Status);
        Assert.Equal("invalid-request", problem.Type);
        Assert.Equal(["Content-Type"], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task Json_in_UTF8_Is_taken_however_it_is_spelt(string contentType)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await SendAsync(contentType);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", _rig.Wickr.Received.Single().Header("Content-Type"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task A_compressed_body_Returns_415(string encoding)
    {
        var problem = Problem.Of(await _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"Content-Encoding: {encoding}"));

        Assert.Equal(415, problem.Status);
        Assert.Equal(["Content-Encoding"], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Fact]
    public async Task A_body_of_exactly_64_KiB_Is_read()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await _rig.PostAsync(GatewayFixture.ValidBody.PadRight(Limit));

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_chunked_body_of_exactly_64_KiB_Is_read()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await ChunkedAsync(GatewayFixture.ValidBody.PadRight(Limit));

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_body_of_64_KiB_and_one_byte_Returns_413()
    {
        var problem = Problem.Of(await _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody.PadRight(Limit + 1)));

        Assert.Equal(413, problem.Status);
        Assert.Equal("invalid-request", problem.Type);
        Assert.Equal(["$"], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(Limit * 20)]
    public async Task A_chunked_body_past_64_KiB_Returns_413(int length)
    {
        var problem = Problem.Of(await ChunkedAsync(GatewayFixture.ValidBody.PadRight(length)));

        Assert.Equal(413, problem.Status);
        Assert.Equal(["$"], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Fact]
    public async Task A_promise_of_a_huge_body_Returns_413_before_it_is_sent()
    {
        var answer = await RawHttp.SendAsync(_rig.Gateway.Address, [.. Head, "Content-Length: 9999999999"]);

        Assert.Equal(413, Problem.Of(answer).Status);
    }

    [Fact]
    public async Task A_chunked_body_that_is_no_chunks_Returns_400()
    {
        var problem = Problem.Of(await RawHttp.SendAsync(_rig.Gateway.Address, [.. Head, "Transfer-Encoding: chunked"], "zz\r\nnonsense\r\n"));

        Assert.Equal(400, problem.Status);
        Assert.Equal(["$"], problem.Errors.Keys);
    }

    [Theory]
    [InlineData("1234567")]
    [InlineData("123456789")]
    [InlineData("1234567a")]
    [InlineData("12345678%0A")]
    [InlineData("%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7%D9%A8")]
    [InlineData("1234%205678")]
    [InlineData("-1234567")]
    public async Task A_network_id_that_is_not_eight_digits_Returns_400(string networkId)
    {
        var problem = Problem.Of(await _rig.RawAsync($"/networks/{networkId}/users/suspend-status"));

        Assert.Equal(400, problem.Status);
        Assert.Equal(["networkId"], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("21")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("1s")]
    [InlineData("00:00:05")]
    [InlineData("")]
    [InlineData("9999999999999")]
    [InlineData("1e1")]
    [InlineData("0x1")]
    public async Task A_request_timeout_that_is_not_1_to_the_total_Returns_400(string seconds) => await RefusedHeaderAsync("X-Request-Timeout", seconds);

    [Theory]
    [InlineData("")]
    [InlineData("tab\there")]
    [InlineData("right\u202Eto left")]
    [InlineData("zero\u200Bwidth")]
    public async Task An_audit_reason_that_is_not_printable_Returns_400(string reason) => await RefusedHeaderAsync("X-Audit-Reason", reason);

    [Fact]
    public async Task An_audit_reason_of_201_characters_Returns_400_and_200_pass()
    {
        await RefusedHeaderAsync("X-Audit-Reason", new string('é', 201));

        _rig.Wickr.Then(200, GatewayFixture.Success);
        var answer = await RawAsync("X-Audit-Reason", new string('é', 200));
        Assert.Equal(200, answer.Status);
        Assert.Null(_rig.Wickr.Received.Single().Header("X-Audit-Reason"));
    }

    [Theory]
    [InlineData("X-Request-Timeout", "5")]
    [InlineData("X-Audit-Reason", "leaves the company")]
    public async Task A_wish_that_is_sent_twice_Returns_400(string header, string value)
    {
        var problem = Problem.Of(await _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"{header}: {value}", $"{header}: {value}"));

        Assert.Equal(400, problem.Status);
        Assert.Equal([header], problem.Errors.Keys);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("20")]
    [InlineData("007")]
    public async Task A_request_timeout_within_the_total_Is_taken(string seconds)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"X-Request-Timeout: {seconds}");

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_shorter_request_timeout_Ends_the_call_in_time()
    {
        _rig.Wickr.ThenHang();
        var start = TimeProvider.System.GetTimestamp();

        var problem = Problem.Of(await _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, "X-Request-Timeout: 1"));

        Assert.Equal("wickr-timeout", problem.Type);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.9, 4);
    }

    [Fact]
    public async Task Faults_of_headers_and_members_Are_told_together()
    {
        var problem = Problem.Of(await _rig.RawAsync("/networks/1/users/suspend-status", "{}", "X-Request-Timeout: soon", "X-Audit-Reason: a\tb"));

        Assert.Equal(["X-Audit-Reason", "X-Request-Timeout", "networkId", "suspend", "userIds"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    private static string[] Head => [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json"];

    private async Task RefusedHeaderAsync(string header, string value)
    {
        var problem = Problem.Of(await RawAsync(header, value));

        Assert.Equal(400, problem.Status);
        Assert.Equal([header], problem.Errors.Keys);
        Assert.Empty(_rig.Wickr.Received);
    }

    /// <summary>The value's UTF-8 bytes, as a shell's curl sends them.</summary>
    private Task<RawAnswer> RawAsync(string header, string value) =>
        _rig.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"{header}: {Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))}");

    private Task<RawAnswer> ChunkedAsync(string body)
    {
        var chunks = string.Concat(body.Chunk(10_000).Select(chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n"));
        return RawHttp.SendAsync(_rig.Gateway.Address, [.. Head, "Transfer-Encoding: chunked"], $"{chunks}0\r\n\r\n");
    }

    private async Task<Problem> ProblemOf(string? contentType)
    {
        using var answer = await SendAsync(contentType);
        return await Problem.OfAsync(answer);
    }

    private async Task<HttpResponseMessage> SendAsync(string? contentType)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(GatewayFixture.ValidBody));
        if (contentType is not null)
            body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        return await _rig.Client.PostAsync(GatewayFixture.Path, body);
    }
}
