using System.Net;
using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Wickr's 200 is returned byte for byte.</summary>
public sealed class VerbatimTests : IAsyncDisposable
{
    private const int Limit = 1024 * 1024;

    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("""{"message":"ok","successful":[{"userId":"1"}],"failed":[]}""")]
    [InlineData("""{"successful":[],"failed":[{"userId":"101","field":"userId","reason":"no such user"}]}""")]
    [InlineData("""{"message":"\u00e9\/ \ud83d\ude00 é 😀","n":1e400,"a":1,"a":2,"unknown":{"deep":[1,2,{}]}}""")]
    [InlineData("""{"lonely":"\ud83d","number":-0.0e-0,"big":123456789012345678901234567890}""")]
    [InlineData("""{"\ud800":1,"success\ud83dful":[],"successful":[{"\udfff":1,"use\ud800Id":2,"userId":"1"}],"failed":[]}""")]
    [InlineData("""{"success\ud83dful":[],"faile\ud800d":[{"userI\udfffd":"1"}],"failed":[{"reaso\ud800n":"x","userId":"2"}]}""")]
    [InlineData(" \r\n\t{ }\n ")]
    [InlineData("{\"line separators\":\"\u2028\u2029\",\"html\":\"<script>&'+\"}")]
    public async Task Wickr_returns_200_Body_is_returned_byte_for_byte(string body)
    {
        _fixture.Wickr.Then(200, body, "Content-Type: application/json", "x-amzn-RequestId: req-1");

        using var response = await _fixture.PostAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Encoding.UTF8.GetBytes(body), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/json", response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal("req-1", response.Headers.GetValues("x-amzn-RequestId").Single());
        Assert.Equal("t:1", response.Headers.GetValues("X-Client-Token").Single());
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/x-amz-json-1.1")]
    [InlineData("APPLICATION/JSON;charset=\"UTF-8\"")]
    public async Task Wickr_sends_a_content_type_Is_returned_unchanged(string contentType)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success, $"Content-Type: {contentType}");

        var response = await _fixture.RawAsync(GatewayFixture.Path);

        Assert.Equal(contentType, response.Header("Content-Type"));
    }

    /// <summary>The change has been made, so its result must not become a 500.</summary>
    [Theory]
    [InlineData("a\u0001b")]
    [InlineData("a\u007fb")]
    [InlineData("caf\u00e9")]
    [InlineData("\U0001F600")]
    [InlineData(null)]
    public async Task Wickr_sends_a_value_that_cannot_be_a_header_It_is_left_out_of_the_200(string? value)
    {
        value ??= new string('x', 257);
        _fixture.Wickr.Then(200, GatewayFixture.Success, $"Content-Type: application/{value}", $"x-amzn-RequestId: {value}");

        using var response = await _fixture.PostAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(GatewayFixture.Success, await response.Content.ReadAsStringAsync());
        Assert.False(response.Content.Headers.NonValidated.Contains("Content-Type"));
        Assert.False(response.Headers.NonValidated.Contains("x-amzn-RequestId"));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public async Task Long_body_Is_returned_complete(int length)
    {
        var body = Encoding.UTF8.GetBytes(Long(length));
        _fixture.Wickr.Then(200, body, "Content-Type: application/json");

        using var response = await _fixture.PostAsync();

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(60_000, 999)]
    [InlineData(Limit, 10_000)]
    public async Task Chunked_body_Is_returned_complete_with_its_length(int length, int chunk)
    {
        var body = Long(length);
        _fixture.Wickr.ThenRaw($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks(body, chunk)}0\r\n\r\n");

        using var response = await _fixture.PostAsync();

        Assert.Equal(length, response.Content.Headers.ContentLength);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Interim_responses_come_first_Final_response_is_returned()
    {
        _fixture.Wickr.ThenRaw($"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}");

        using var response = await _fixture.PostAsync();

        Assert.Equal(GatewayFixture.Success, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Body_arrives_byte_by_byte_Is_returned_complete()
    {
        _fixture.Wickr.Then(async (stream, _, stop) =>
        {
            foreach (var one in Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}"))
            {
                await stream.WriteAsync((byte[])[one], stop);
                await stream.FlushAsync(stop);
            }
        });

        using var response = await _fixture.PostAsync();

        Assert.Equal(GatewayFixture.Success, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Connection_is_reused_Responses_are_not_mixed_up()
    {
        for (var call = 0; call < 20; call++)
            _fixture.Wickr.Then(200, $$"""{"call":{{call}}}""");

        for (var call = 0; call < 20; call++)
        {
            using var response = await _fixture.PostAsync();
            Assert.Equal($$"""{"call":{{call}}}""", await response.Content.ReadAsStringAsync());
        }
    }

    internal static string Long(int length) => $$"""{"message":"{{new string('x', length - 14)}}"}""";

    internal static string Chunks(string body, int length) => string.Concat(body.Chunk(length).Select(chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n"));
}
