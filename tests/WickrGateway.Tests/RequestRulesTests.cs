using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Checks beside the fields of the body: media type, size, network id, and the optional headers.</summary>
public sealed class RequestRulesTests : IAsyncDisposable
{
    private const int Limit = 64 * 1024;

    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

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
    public async Task Media_type_or_charset_is_not_JSON_in_UTF8_Returns_415(string? contentType)
    {
        var problem = await ProblemOf(contentType);

        Assert.Equal(415, problem.Status);
        Assert.Equal("invalid-request", problem.Type);
        Assert.Equal(["Content-Type"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task Media_type_is_JSON_in_UTF8_Is_accepted_in_any_spelling(string contentType)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await SendAsync(contentType);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/json", _fixture.Wickr.Received.Single().Header("Content-Type"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task Body_is_compressed_Returns_415(string encoding)
    {
        var problem = Problem.Of(await _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"Content-Encoding: {encoding}"));

        Assert.Equal(415, problem.Status);
        Assert.Equal(["Content-Encoding"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Fact]
    public async Task Body_of_exactly_64_KiB_Is_accepted()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync(GatewayFixture.ValidBody.PadRight(Limit));

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Chunked_body_of_exactly_64_KiB_Is_accepted()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await ChunkedAsync(GatewayFixture.ValidBody.PadRight(Limit));

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Body_of_64_KiB_and_one_byte_Returns_413()
    {
        var problem = Problem.Of(await _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody.PadRight(Limit + 1)));

        Assert.Equal(413, problem.Status);
        Assert.Equal("invalid-request", problem.Type);
        Assert.Equal(["$"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(Limit * 20)]
    public async Task Chunked_body_of_more_than_64_KiB_Returns_413(int length)
    {
        var problem = Problem.Of(await ChunkedAsync(GatewayFixture.ValidBody.PadRight(length)));

        Assert.Equal(413, problem.Status);
        Assert.Equal(["$"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Fact]
    public async Task Content_Length_is_huge_Returns_413_before_the_body_is_sent()
    {
        var response = await RawHttp.SendAsync(_fixture.Gateway.Address, [.. Head, "Content-Length: 9999999999"]);

        Assert.Equal(413, Problem.Of(response).Status);
    }

    [Fact]
    public async Task Chunked_body_is_malformed_Returns_400()
    {
        var problem = Problem.Of(await RawHttp.SendAsync(_fixture.Gateway.Address, [.. Head, "Transfer-Encoding: chunked"], "zz\r\nnonsense\r\n"));

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
    public async Task Network_id_is_not_eight_digits_Returns_400(string networkId)
    {
        var problem = Problem.Of(await _fixture.RawAsync($"/networks/{networkId}/users/suspend-status"));

        Assert.Equal(400, problem.Status);
        Assert.Equal(["networkId"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
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
    public async Task Request_timeout_is_out_of_range_Returns_400(string seconds) => await RefusedHeaderAsync("X-Request-Timeout", seconds);

    [Fact]
    public async Task Request_timeout_is_sent_twice_Returns_400()
    {
        var problem = Problem.Of(await _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, "X-Request-Timeout: 5", "X-Request-Timeout: 5"));

        Assert.Equal(400, problem.Status);
        Assert.Equal(["X-Request-Timeout"], problem.Errors.Keys);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("20")]
    [InlineData("007")]
    public async Task Request_timeout_is_in_range_Is_accepted(string seconds)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"X-Request-Timeout: {seconds}");

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Headers_and_fields_are_invalid_Returns_all_errors_together()
    {
        var problem = Problem.Of(await _fixture.RawAsync(GatewayFixture.Path, """{"reason":"a\tb"}""", "X-Request-Timeout: soon"));

        Assert.Equal(["X-Request-Timeout", "reason", "suspend", "userIds"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    private static string[] Head => [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json"];

    private async Task RefusedHeaderAsync(string header, string value)
    {
        var problem = Problem.Of(await RawAsync(header, value));

        Assert.Equal(400, problem.Status);
        Assert.Equal([header], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
    }

    /// <summary>The value's UTF-8 bytes, as a shell's curl sends them.</summary>
    private Task<RawResponse> RawAsync(string header, string value) =>
        _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"{header}: {Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))}");

    private Task<RawResponse> ChunkedAsync(string body)
    {
        var chunks = string.Concat(body.Chunk(10_000).Select(chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n"));
        return RawHttp.SendAsync(_fixture.Gateway.Address, [.. Head, "Transfer-Encoding: chunked"], $"{chunks}0\r\n\r\n");
    }

    private async Task<Problem> ProblemOf(string? contentType)
    {
        using var response = await SendAsync(contentType);
        return await Problem.OfAsync(response);
    }

    private async Task<HttpResponseMessage> SendAsync(string? contentType)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(GatewayFixture.ValidBody));
        if (contentType is not null)
            body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        return await _fixture.Client.PostAsync(GatewayFixture.Path, body);
    }
}
