using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What Wickr gets is what boto3 would send for the same call, and nothing of the caller's.</summary>
public sealed class WireTests : IAsyncDisposable
{
    private static readonly string[] Allowed =
        ["amz-sdk-invocation-id", "amz-sdk-request", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent", "X-Amz-Content-SHA256", "X-Amz-Date", "X-Client-Token"];

    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"],"clientToken":"t:1"}""", "true", """{"userIds":["1"]}""")]
    [InlineData("""{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""", "false", """{"userIds":["1"]}""")]
    [InlineData("""{"clientToken":"t:1","userIds":["007","7","7","0000000000","9999999999"],"suspend":true}""", "true", """{"userIds":["007","7","7","0000000000","9999999999"]}""")]
    [InlineData(" {\t\"clientToken\" : \"t:1\",\r\n\"userIds\" : [ \"1\" , \"2\" ] , \"suspend\" : true } \n", "true", """{"userIds":["1","2"]}""")]
    [InlineData("""{"\u0073uspend":true,"user\u0049ds":["\u0031\u0032"],"clientToken":"\u0074:1"}""", "true", """{"userIds":["12"]}""")]
    public async Task A_call_Is_one_PATCH_as_AWS_describes_it(string body, string suspend, string sent)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await _rig.PostAsync(body);

        Assert.Equal(200, (int)answer.StatusCode);
        var request = Assert.Single(_rig.Wickr.Received);
        Assert.Equal($"PATCH /networks/12345678/users/toggleSuspend?suspend={suspend} HTTP/1.1", request.RequestLine);
        Assert.Equal(sent, request.BodyText);
        Assert.Equal("application/json", request.Header("Content-Type"));
        Assert.Equal($"{sent.Length}", request.Header("Content-Length"));
        Assert.Equal("t:1", request.Header("X-Client-Token"));
        Assert.Equal(_rig.Wickr.Address.Authority, request.Header("Host"));
    }

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"]}""")]
    [InlineData("""{"suspend":true,"userIds":["1"],"clientToken":null}""")]
    public async Task Without_a_token_The_gateway_makes_one_and_tells_it(string body)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);

        using var first = await _rig.PostAsync(body);
        using var second = await _rig.PostAsync(body);

        var token = first.Headers.GetValues("X-Client-Token").Single();
        Assert.True(Guid.TryParseExact(token, "D", out _));
        Assert.Equal(token, _rig.Wickr.Received[0].Header("X-Client-Token"));
        Assert.NotEqual(token, second.Headers.GetValues("X-Client-Token").Single());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")]
    [InlineData(":::")]
    public async Task A_token_of_1_to_64_allowed_characters_Is_passed_on(string token)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await _rig.PostAsync($$"""{"suspend":true,"userIds":["1"],"clientToken":"{{token}}"}""");

        Assert.Equal(token, _rig.Wickr.Received.Single().Header("X-Client-Token"));
        Assert.Equal(token, answer.Headers.GetValues("X-Client-Token").Single());
    }

    [Fact]
    public async Task Only_the_signed_call_s_own_headers_Are_sent()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await _rig.RawAsync(
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
            "X-Request-Timeout: 5",
            "X-Audit-Reason: because");

        Assert.Equal(200, answer.Status);
        var request = Assert.Single(_rig.Wickr.Received);
        Assert.Equal(Allowed, request.Headers.Select(header => header.Key).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.Equal("t:1", request.Header("X-Client-Token"));
        Assert.StartsWith("WickrGateway/", request.Header("User-Agent"), StringComparison.Ordinal);
        Assert.DoesNotContain(request.Headers, header => header.Value.Contains("forged", StringComparison.Ordinal) || header.Value.Contains(GatewayHost.AllPowerfulKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_signature_Is_the_one_the_specification_asks_for()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await _rig.PostAsync();

        var request = Assert.Single(_rig.Wickr.Received);
        var authorization = request.Header("Authorization")!;
        var date = request.Header("X-Amz-Date")!;
        Assert.StartsWith($"AWS4-HMAC-SHA256 Credential={AwsEnvironment.AccessKeyId}/{date[..8]}/us-east-1/wickr/aws4_request, ", authorization, StringComparison.Ordinal);
        Assert.Equal(SigV4.Sign(request, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), authorization.Split("Signature=")[1]);
        var signed = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        Assert.Superset((HashSet<string>)["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-client-token"], signed.ToHashSet());
    }

    [Fact]
    public async Task A_path_in_the_endpoint_Stands_before_the_call_s_own()
    {
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        await using var gateway = GatewayHost.Start(new Uri(wickr.Address, "/behind/a%20proxy/"));
        using var client = gateway.Client();

        using var answer = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));

        var request = Assert.Single(wickr.Received);
        Assert.Equal("PATCH /behind/a%20proxy/networks/12345678/users/toggleSuspend?suspend=true HTTP/1.1", request.RequestLine);
        Assert.Equal(SigV4.Sign(request, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), request.Header("Authorization")!.Split("Signature=")[1]);
    }

    [Fact]
    public async Task Cookies_of_Wickr_Are_neither_kept_nor_handed_on()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success, "Set-Cookie: a=b").Then(200, GatewayFixture.Success);

        using var first = await _rig.PostAsync();
        using var second = await _rig.PostAsync();

        Assert.False(first.Headers.Contains("Set-Cookie"));
        Assert.Null(_rig.Wickr.Received[1].Header("Cookie"));
    }

    [Fact]
    public async Task Only_the_contract_s_headers_Come_back()
    {
        _rig.Wickr.Then(
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

        var answer = await _rig.RawAsync(GatewayFixture.Path);

        Assert.Equal(
            ["Connection", "Content-Length", "Content-Type", "Date", "RateLimit", "RateLimit-Policy", "X-Client-Token", "x-amzn-RequestId"],
            answer.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("t:1", answer.Header("X-Client-Token"));
    }

    [Fact]
    public async Task A_200_without_type_and_request_id_Is_handed_back_without_them()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await _rig.RawAsync(GatewayFixture.Path);

        Assert.Equal(GatewayFixture.Success, answer.Body);
        Assert.Null(answer.Header("Content-Type"));
        Assert.Null(answer.Header("x-amzn-RequestId"));
    }

    [Fact]
    public async Task The_user_agent_Names_the_gateway_and_its_version()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await _rig.PostAsync();

        Assert.Matches(@"\AWickrGateway/\d+\.\d+\.\d+\z", _rig.Wickr.Received.Single().Header("User-Agent"));
    }
}
