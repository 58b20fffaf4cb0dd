using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Wickr receives what boto3 would send for the same call, and none of the headers of the caller.</summary>
public sealed class WireTests : IAsyncDisposable
{
    private static readonly string[] Allowed =
        ["amz-sdk-invocation-id", "amz-sdk-request", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent", "X-Amz-Content-SHA256", "X-Amz-Date", "X-Client-Token"];

    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"],"clientToken":"t:1"}""", "true", """{"userIds":["1"]}""")]
    [InlineData("""{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""", "false", """{"userIds":["1"]}""")]
    [InlineData("""{"clientToken":"t:1","userIds":["007","7","7","0000000000","9999999999"],"suspend":true}""", "true", """{"userIds":["007","7","7","0000000000","9999999999"]}""")]
    [InlineData(" {\t\"clientToken\" : \"t:1\",\r\n\"userIds\" : [ \"1\" , \"2\" ] , \"suspend\" : true } \n", "true", """{"userIds":["1","2"]}""")]
    [InlineData("""{"\u0073uspend":true,"user\u0049ds":["\u0031\u0032"],"clientToken":"\u0074:1"}""", "true", """{"userIds":["12"]}""")]
    public async Task Valid_call_Is_sent_as_one_PATCH(string body, string suspend, string sent)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync(body);

        Assert.Equal(200, (int)response.StatusCode);
        var request = Assert.Single(_fixture.Wickr.Received);
        Assert.Equal($"PATCH /networks/12345678/users/toggleSuspend?suspend={suspend} HTTP/1.1", request.RequestLine);
        Assert.Equal(sent, request.BodyText);
        Assert.Equal("application/json", request.Header("Content-Type"));
        Assert.Equal($"{sent.Length}", request.Header("Content-Length"));
        Assert.Equal("t:1", request.Header("X-Client-Token"));
        Assert.Equal(_fixture.Wickr.Address.Authority, request.Header("Host"));
    }

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"]}""")]
    [InlineData("""{"suspend":true,"userIds":["1"],"clientToken":null}""")]
    public async Task No_client_token_Generates_one_and_returns_it(string body)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);

        using var first = await _fixture.PostAsync(body);
        using var second = await _fixture.PostAsync(body);

        var token = first.Headers.GetValues("X-Client-Token").Single();
        Assert.True(Guid.TryParseExact(token, "D", out _));
        Assert.Equal(token, _fixture.Wickr.Received[0].Header("X-Client-Token"));
        Assert.NotEqual(token, second.Headers.GetValues("X-Client-Token").Single());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")]
    [InlineData(":::")]
    public async Task Client_token_of_1_to_64_allowed_characters_Is_forwarded(string token)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync($$"""{"suspend":true,"userIds":["1"],"clientToken":"{{token}}"}""");

        Assert.Equal(token, _fixture.Wickr.Received.Single().Header("X-Client-Token"));
        Assert.Equal(token, response.Headers.GetValues("X-Client-Token").Single());
    }

    [Fact]
    public async Task Request_has_other_headers_None_is_forwarded()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(
            GatewayFixture.Path,
            GatewayFixture.ValidBody,
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate: a=b",
            "baggage: a=b",
            "Authorization: Bearer caller-token",
            "Cookie: session=1",
            "X-Forwarded-For: 1.2.3.4",
            "X-Forwarded-Host: evil",
            "Forwarded: for=1.2.3.4",
            "X-Client-Token: other",
            "X-Amz-Date: 20200101T000000Z",
            "X-Amz-Security-Token: forged",
            "X-Amz-Target: forged",
            "User-Agent: caller/1.0",
            "Accept: */*",
            "Accept-Encoding: gzip, br",
            "Accept-Language: de",
            "Range: bytes=0-1",
            "If-None-Match: *",
            "X-Request-Timeout: 5");

        Assert.Equal(200, response.Status);
        var request = Assert.Single(_fixture.Wickr.Received);
        Assert.Equal(Allowed, request.Headers.Select(header => header.Key).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.Equal("t:1", request.Header("X-Client-Token"));
        Assert.StartsWith("WickrGateway/", request.Header("User-Agent"), StringComparison.Ordinal);
        Assert.DoesNotContain(request.Headers, header => header.Value.Contains("forged", StringComparison.Ordinal) || header.Value.Contains(GatewayHost.AllPowerfulKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signature_Matches_the_specification()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync();

        var request = Assert.Single(_fixture.Wickr.Received);
        var authorization = request.Header("Authorization")!;
        var date = request.Header("X-Amz-Date")!;
        Assert.StartsWith($"AWS4-HMAC-SHA256 Credential={AwsEnvironment.AccessKeyId}/{date[..8]}/us-east-1/wickr/aws4_request, ", authorization, StringComparison.Ordinal);
        Assert.Equal(SigV4.Sign(request, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), authorization.Split("Signature=")[1]);
        var signed = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        Assert.Superset((HashSet<string>)["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-client-token"], signed.ToHashSet());
    }

    [Fact]
    public async Task Endpoint_has_a_path_Precedes_the_path_of_the_call()
    {
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        await using var gateway = GatewayHost.Start(new Uri(wickr.Address, "/behind/a%20proxy/"));
        using var client = gateway.Client();

        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));

        var request = Assert.Single(wickr.Received);
        Assert.Equal("PATCH /behind/a%20proxy/networks/12345678/users/toggleSuspend?suspend=true HTTP/1.1", request.RequestLine);
        Assert.Equal(SigV4.Sign(request, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), request.Header("Authorization")!.Split("Signature=")[1]);
    }

    [Fact]
    public async Task Wickr_sets_cookies_Are_neither_kept_nor_returned()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success, "Set-Cookie: a=b").Then(200, GatewayFixture.Success);

        using var first = await _fixture.PostAsync();
        using var second = await _fixture.PostAsync();

        Assert.False(first.Headers.Contains("Set-Cookie"));
        Assert.Null(_fixture.Wickr.Received[1].Header("Cookie"));
    }

    [Fact]
    public async Task Wickr_sends_other_headers_Only_those_of_the_contract_are_returned()
    {
        _fixture.Wickr.Then(
            200,
            GatewayFixture.Success,
            "Content-Type: application/json",
            "x-amzn-RequestId: req-1",
            "Server: Wickr",
            "Via: proxy",
            "X-Powered-By: AWS",
            "Strict-Transport-Security: max-age=1",
            "Access-Control-Allow-Origin: *",
            "Location: http://evil",
            "X-Client-Token: another",
            "ETag: 1",
            "x-amzn-ErrorType: None");

        var response = await _fixture.RawAsync(GatewayFixture.Path);

        Assert.Equal(
            ["Connection", "Content-Length", "Content-Type", "Date", "RateLimit", "RateLimit-Policy", "X-Client-Token", "X-Content-Type-Options", "X-Trace-Id", "x-amzn-RequestId"],
            response.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("t:1", response.Header("X-Client-Token"));
    }

    [Fact]
    public async Task Wickr_sends_no_content_type_and_request_id_Are_not_added()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(GatewayFixture.Path);

        Assert.Equal(GatewayFixture.Success, response.Body);
        Assert.Null(response.Header("Content-Type"));
        Assert.Null(response.Header("x-amzn-RequestId"));
    }

    [Fact]
    public async Task User_agent_Names_the_gateway_and_its_version()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync();

        Assert.Matches(@"\AWickrGateway/\d+\.\d+\.\d+\z", _fixture.Wickr.Received.Single().Header("User-Agent"));
    }
}
