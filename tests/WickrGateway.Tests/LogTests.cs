using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>One JSON object for each line, one line for each request, and no secret at any level.</summary>
public sealed class LogTests
{
    private const string SessionToken = "session-token-that-nobody-may-see/+=";

    [Fact]
    public async Task At_every_level_Each_line_is_JSON_and_none_has_a_secret()
    {
        await using var wickr = new ScriptedUpstream();
        var settings = Settings(wickr);
        foreach (var name in (string[])["Default", "Override:Microsoft", "Override:System", "Override:Microsoft.AspNetCore", "Override:Polly"])
            settings[$"Serilog:MinimumLevel:{name}"] = "Verbose";

        await using var gateway = GatewayProcess.Start(settings);
        var address = await gateway.ListeningAsync();
        wickr.Then(200, GatewayFixture.Success).Then(Echo(403, "InvalidSignatureException")).Then(Echo(500, "InternalServerError")).ThenReset().Then(200, GatewayFixture.Success);
        for (var call = 0; call < 4; call++)
            await PostAsync(address, GatewayHost.AllPowerfulKey, "");

        await PostAsync(address, "wrong-key-of-somebody", "");
        await PostAsync(address, GatewayHost.AllPowerfulKey, "", "{\"wrong\"");
        await PostAsync(address, GatewayHost.AllPowerfulKey, "Authorization: Bearer token-of-somebody");
        await RawHttp.SendAsync(address, ["GET /readyz HTTP/1.1", $"Cookie: {GatewayHost.AllPowerfulKey}"]);
        // Kestrel itself refuses these, and would like to quote them.
        await RawHttp.SendAsync(address, [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key : {GatewayHost.AllPowerfulKey}"]);
        await RawHttp.SendAsync(address, [$"POST {GatewayFixture.Path} HTTP/1.1", "Content-Length: 1", $"Content-Length: x{GatewayHost.AllPowerfulKey}"]);
        await WaitForLinesAsync(gateway, 8);

        Assert.Empty(gateway.StandardError);
        Assert.All(gateway.StandardOutput, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.Contains(gateway.StandardOutput, line => line.Contains("\"level\":\"Debug\"", StringComparison.Ordinal));
        var signatures = wickr.Received.Select(request => request.Header("Authorization")!.Split("Signature=")[1]);
        string[] secrets =
        [
            GatewayHost.AllPowerfulKey, "wrong-key-of-somebody", "token-of-somebody", AwsEnvironment.AccessKeyId, AwsEnvironment.SecretAccessKey, SessionToken, "session-token-that-nobody-may-see",
            "AWS4-HMAC-SHA256", "Signature=", .. signatures,
        ];
        Assert.True(wickr.Received.Count >= 4);
        Assert.All(wickr.Received, request => Assert.Equal(SessionToken, request.Header("X-Amz-Security-Token")));
        Assert.All(secrets, secret => Assert.DoesNotContain(gateway.StandardOutput, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Each_request_Is_one_line_with_its_fields_on_top()
    {
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        await using var gateway = GatewayProcess.Start(Settings(wickr));
        var address = await gateway.ListeningAsync();

        await PostAsync(address, GatewayHost.AllPowerfulKey, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        var problem = Problem.Of(await PostAsync(address, "wrong", ""));
        await RawHttp.SendAsync(address, ["GET /what-a-caller-wrote/%22%0A?x=y HTTP/1.1"]);
        await WaitForLinesAsync(gateway, 3);

        var lines = Requests(gateway);
        Assert.Equal(3, lines.Count);
        Assert.Equal(
            ["time", "level", "message", "method", "route", "status", "milliseconds", "caller", "network", "problem", "traceId", "source"],
            lines[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal("POST", lines[0].GetProperty("method").GetString());
        Assert.Equal("/networks/{networkId}/users/suspend-status", lines[0].GetProperty("route").GetString());
        Assert.Equal(200, lines[0].GetProperty("status").GetInt32());
        Assert.InRange(lines[0].GetProperty("milliseconds").GetDouble(), 0.001, 30_000);
        Assert.Equal("all-powerful", lines[0].GetProperty("caller").GetString());
        Assert.Equal("12345678", lines[0].GetProperty("network").GetString());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", lines[0].GetProperty("traceId").GetString());
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("caller").ValueKind);
        Assert.Equal("unauthenticated", lines[1].GetProperty("problem").GetString());
        Assert.Contains(lines[1].GetProperty("traceId").GetString()!, problem.Text, StringComparison.Ordinal);
        Assert.Equal(404, lines[2].GetProperty("status").GetInt32());
        Assert.DoesNotContain(gateway.StandardOutput, line => line.Contains("what-a-caller-wrote", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_every_level_No_line_has_a_callers_path_query_or_host()
    {
        const string Marker = "words-of-a-caller";
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        var settings = Settings(wickr);
        foreach (var name in (string[])["Default", "Override:Microsoft", "Override:System", "Override:Microsoft.AspNetCore", "Override:Serilog"])
            settings[$"Serilog:MinimumLevel:{name}"] = "Verbose";

        await using var gateway = GatewayProcess.Start(settings);
        var address = await gateway.ListeningAsync();
        foreach (var target in (string[])
            [
                $"/{Marker}?{Marker}={Marker}", $"/networks/{Marker}/users/suspend-status?{Marker}", $"/networks/12345678/users/suspend-status?x={Marker}", $"/healthz?{Marker}", $"/readyz/{Marker}",
                $"/swagger/{Marker}", $"/swagger/{Marker}.js?{Marker}", $"/swagger/v1/{Marker}.json", $"/swagger?{Marker}", $"/swagger/index.html?{Marker}", $"/swagger/v1/swagger.json?{Marker}", $"/?{Marker}",
                $"/metrics?{Marker}", $"/%2e%2e/{Marker}",
            ])
        {
            foreach (var method in (string[])["GET", "POST", "PUT"])
                await RawHttp.SendAsync(address, [$"{method} {target} HTTP/1.1", "Content-Length: 2", "Content-Type: application/json", $"X-Api-Key: {GatewayHost.AllPowerfulKey}"], "{}");
        }

        await WaitForLinesAsync(gateway, 3 * 14);

        Assert.Contains(gateway.StandardOutput, line => line.Contains("Microsoft.AspNetCore.Routing", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.StandardOutput, line => line.Contains(Marker, StringComparison.OrdinalIgnoreCase));
    }

    private static Dictionary<string, string> Settings(ScriptedUpstream wickr) => new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["Wickr:Region"] = "us-east-1",
        ["Wickr:Endpoint"] = wickr.Address.AbsoluteUri,
        ["Wickr:MaxAttempts"] = "1",
        ["Management:RecordProbes"] = "true",
        ["Auth:Callers:all-powerful:ApiKeySha256:0"] = GatewayHost.Sha256(GatewayHost.AllPowerfulKey),
        ["Auth:Callers:all-powerful:Networks:0"] = "*",
        ["Auth:Callers:all-powerful:Actions:0"] = "suspend",
        ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey,
        ["AWS_SESSION_TOKEN"] = SessionToken,
    };

    /// <summary>A response that quotes the request that it got, as AWS does.</summary>
    private static Func<ReceivedRequest, string> Echo(int status, string errorType) => request =>
    {
        var quote = string.Join("\\n", request.Headers.Select(header => $"{header.Key}: {header.Value}"));
        var body = $$"""{"message":"The Canonical String for this request should have been {{quote}}"}""";
        return $"HTTP/1.1 {status} No\r\nx-amzn-ErrorType: {errorType}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
    };

    private static Task<RawResponse> PostAsync(Uri gateway, string key, string header, string body = GatewayFixture.ValidBody) => RawHttp.SendAsync(
        gateway,
        [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {key}", "Content-Type: application/json", $"Content-Length: {body.Length}", .. header.Length == 0 ? (string[])[] : [header]],
        body);

    private static List<JsonElement> Requests(GatewayProcess gateway) =>
        [.. gateway.StandardOutput.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("source", out var source) && source.GetString() == "WickrGateway.Requests")];

    private static async Task WaitForLinesAsync(GatewayProcess gateway, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Requests(gateway).Count < count)
            await poll.WaitForNextTickAsync(deadline.Token);
    }
}
