using System.Net;
using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Wickr's 200 comes back byte for byte, however it is written.</summary>
public sealed class VerbatimTests : IAsyncDisposable
{
    private const int Limit = 1024 * 1024;

    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("""{"message":"ok","successful":[{"userId":"1"}],"failed":[]}""")]
    [InlineData("""{"successful":[],"failed":[{"userId":"101","field":"userId","reason":"no such user"}]}""")]
    [InlineData("""{"message":"\u00e9\/ \ud83d\ude00 é 😀","n":1e400,"a":1,"a":2,"unknown":{"deep":[1,2,{}]}}""")]
    [InlineData("""{"lonely":"\ud83d","number":-0.0e-0,"big":123456789012345678901234567890}""")]
    [InlineData("""{"\ud800":1,"success\ud83dful":[],"successful":[{"\udfff":1,"use\ud800Id":2,"userId":"1"}],"failed":[]}""")]
    [InlineData(" \r\n\t{ }\n ")]
    [InlineData("{\"line separators\":\"\u2028\u2029\",\"html\":\"<script>&'+\"}")]
    public async Task A_200_Is_handed_back_byte_for_byte(string body)
    {
        _rig.Wickr.Then(200, body, "Content-Type: application/json", "x-amzn-RequestId: req-1");

        using var answer = await _rig.PostAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Encoding.UTF8.GetBytes(body), await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/json", answer.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal("req-1", answer.Headers.GetValues("x-amzn-RequestId").Single());
        Assert.Equal("t:1", answer.Headers.GetValues("X-Client-Token").Single());
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/x-amz-json-1.1")]
    [InlineData("APPLICATION/JSON;charset=\"UTF-8\"")]
    public async Task The_content_type_Is_Wickr_s_own(string contentType)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success, $"Content-Type: {contentType}");

        var answer = await _rig.RawAsync(GatewayFixture.Path);

        Assert.Equal(contentType, answer.Header("Content-Type"));
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public async Task A_long_200_Is_handed_back_whole(int length)
    {
        var body = Encoding.UTF8.GetBytes(Long(length));
        _rig.Wickr.Then(200, body, "Content-Type: application/json");

        using var answer = await _rig.PostAsync();

        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(60_000, 999)]
    [InlineData(Limit, 10_000)]
    public async Task A_chunked_200_Is_handed_back_whole_with_its_length(int length, int chunk)
    {
        var body = Long(length);
        _rig.Wickr.ThenRaw($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks(body, chunk)}0\r\n\r\n");

        using var answer = await _rig.PostAsync();

        Assert.Equal(length, answer.Content.Headers.ContentLength);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_200_after_interim_answers_Is_handed_back()
    {
        _rig.Wickr.ThenRaw($"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}");

        using var answer = await _rig.PostAsync();

        Assert.Equal(GatewayFixture.Success, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_200_that_arrives_byte_by_byte_Is_handed_back_whole()
    {
        _rig.Wickr.Then(async (stream, _, stop) =>
        {
            foreach (var one in Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}"))
            {
                await stream.WriteAsync((byte[])[one], stop);
                await stream.FlushAsync(stop);
            }
        });

        using var answer = await _rig.PostAsync();

        Assert.Equal(GatewayFixture.Success, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_connection_is_used_again_And_answers_are_not_mixed_up()
    {
        for (var call = 0; call < 20; call++)
            _rig.Wickr.Then(200, $$"""{"call":{{call}}}""");

        for (var call = 0; call < 20; call++)
        {
            using var answer = await _rig.PostAsync();
            Assert.Equal($$"""{"call":{{call}}}""", await answer.Content.ReadAsStringAsync());
        }
    }

    internal static string Long(int length) => $$"""{"message":"{{new string('x', length - 14)}}"}""";

    internal static string Chunks(string body, int length) => string.Concat(body.Chunk(length).Select(chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n"));
}
