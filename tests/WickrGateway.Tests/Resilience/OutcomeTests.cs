using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Every way a call can end over all its attempts: the problem, and whether the change may have happened.</summary>
public sealed class OutcomeTests
{
    /// <summary>Each word of the script is a status, or an error of the connection.</summary>
    [Theory]
    [InlineData("200", "200")]
    [InlineData("500 200", "200")]
    [InlineData("reset 200", "200")]
    [InlineData("429 200", "200")]
    [InlineData("cut 503 200", "200")]
    [InlineData("hang 200", "200")]
    [InlineData("400", "wickr-rejected 400 not-applied")]
    [InlineData("404", "wickr-rejected 404 not-applied")]
    [InlineData("422", "wickr-rejected 422 not-applied")]
    [InlineData("401", "wickr-denied 502 not-applied")]
    [InlineData("403", "wickr-denied 502 not-applied")]
    [InlineData("429 429 429", "wickr-throttled 429 not-applied")]
    [InlineData("400:ThrottlingException 400:ThrottlingException 400:ThrottlingException", "wickr-throttled 429 not-applied")]
    [InlineData("429 403", "wickr-denied 502 not-applied")]
    [InlineData("429 404", "wickr-rejected 404 not-applied")]
    [InlineData("500 500 500", "wickr-failed 502 unknown")]
    [InlineData("502 503 504", "wickr-failed 502 unknown")]
    [InlineData("500 429 429", "wickr-throttled 429 unknown")]
    [InlineData("500 403", "wickr-denied 502 unknown")]
    [InlineData("500 401", "wickr-denied 502 unknown")]
    [InlineData("500 404", "wickr-rejected 404 not-applied")]
    [InlineData("500 400", "wickr-rejected 400 not-applied")]
    [InlineData("500 422", "wickr-rejected 422 not-applied")]
    [InlineData("429 500 403", "wickr-denied 502 unknown")]
    [InlineData("429 429 500", "wickr-failed 502 unknown")]
    [InlineData("reset reset reset", "wickr-unreachable 502 unknown")]
    [InlineData("reset 403", "wickr-denied 502 unknown")]
    [InlineData("reset 404", "wickr-rejected 404 not-applied")]
    [InlineData("reset 429 429", "wickr-throttled 429 unknown")]
    [InlineData("cut cut cut", "wickr-failed 502 unknown")]
    [InlineData("cut 403", "wickr-denied 502 unknown")]
    [InlineData("hang hang hang", "wickr-timeout 504 unknown")]
    [InlineData("hang 429 403", "wickr-denied 502 unknown")]
    [InlineData("hang 422", "wickr-rejected 422 not-applied")]
    [InlineData("302", "wickr-failed 502 unknown")]
    [InlineData("204", "wickr-failed 502 unknown")]
    [InlineData("501", "wickr-failed 502 unknown")]
    [InlineData("429 501", "wickr-failed 502 unknown")]
    public async Task Wickr_responds_or_fails_as_scripted_Returns_the_problem_and_outcome(string script, string summary)
    {
        var steps = script.Split(' ');
        await using var wickr = new ScriptedUpstream();
        foreach (var step in steps)
            Script(wickr, step);

        var attemptTimeout = TimeSpan.FromMinutes(2);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:AttemptTimeout"] = $"{attemptTimeout}", ["Wickr:TotalTimeout"] = "00:15:00" }, time);
        using var client = gateway.Client();

        var call = client.SuspendAsync();
        for (var attempt = 1; attempt <= steps.Length; attempt++)
        {
            await time.AdvanceUntilAsync(() => wickr.Received.Count == attempt || call.IsCompleted, step: TimeSpan.FromMilliseconds(100));
            if (steps[attempt - 1] == "hang")
                time.Advance(attemptTimeout);
        }

        var response = await call.WaitAsync(GatewayProcess.Timeout);

        Assert.Equal(summary, response.Summary);
        Assert.Equal(steps.Length, wickr.Received.Count);
        Assert.Equal(summary.StartsWith("wickr-throttled", StringComparison.Ordinal), response.RetryAfter is >= 1);
    }

    [Fact]
    public async Task Connection_is_refused_Returns_wickr_unreachable_not_applied()
    {
        await using var gateway = GatewayHost.Start(Refusing());
        using var client = gateway.Client();

        var response = await client.SuspendAsync();

        Assert.Equal("wickr-unreachable 502 not-applied", response.Summary);
        Assert.False(JsonDocument.Parse(response.Body).RootElement.TryGetProperty("wickr", out _));
    }

    [Fact]
    public async Task Host_has_no_address_Returns_wickr_unreachable_not_applied()
    {
        await using var gateway = GatewayHost.Start(new Uri("http://wickr.invalid"));
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Host_does_not_speak_TLS_Returns_wickr_unreachable_not_applied()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = Task.Run(async () =>
        {
            for (var connections = 0; connections < 3; connections++)
            {
                using var socket = await listener.AcceptSocketAsync();
                await socket.SendAsync("no TLS here, and never was"u8.ToArray());
            }
        });
        await using var gateway = GatewayHost.Start(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
        await accepting;
    }

    [Fact]
    public async Task TLS_handshake_hangs_Returns_wickr_unreachable_not_applied()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var gateway = GatewayHost.Start(
            new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"),
            new() { ["Wickr:AttemptTimeout"] = "00:00:00.4", ["Wickr:MaxAttempts"] = "2" });
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Wickr_closed_an_idle_connection_Call_succeeds_with_one_retry()
    {
        await using var wickr = new ScriptedUpstream()
            .Then(200, HttpClientExtensions.Accepted)
            .ThenReset()
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync("t:1")).Summary);
        Assert.Equal("200", (await client.SuspendAsync("t:2")).Summary);

        Assert.Equal(["t:1", "t:2", "t:2"], wickr.Received.Select(request => request.Header("X-Client-Token")));
    }

    [Fact]
    public async Task Several_attempts_Share_one_token_and_invocation_id_and_carry_their_number()
    {
        await using var wickr = new ScriptedUpstream().Then(500, "{}").ThenReset().Then(200, HttpClientExtensions.Accepted);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync("offboarding:1")).Summary);

        var received = wickr.Received;
        Assert.All(received, request => Assert.Equal("offboarding:1", request.Header("X-Client-Token")));
        Assert.Single(received.Select(request => request.Header("amz-sdk-invocation-id")).Distinct());
        Assert.True(Guid.TryParse(received[0].Header("amz-sdk-invocation-id"), out _));
        Assert.Equal(["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"], received.Select(request => request.Header("amz-sdk-request")));
        Assert.All(received, request => Assert.Matches(@"^WickrGateway/\d+\.\d+\.\d+", request.Header("User-Agent")));
    }

    [Fact]
    public async Task Wickr_rejects_Problem_has_its_response_and_the_number_of_attempts()
    {
        await using var wickr = new ScriptedUpstream()
            .Then(500, """{"message":"first"}""", "x-amzn-RequestId: req-1")
            .Then(422, """{"__type":"aws.wickr#ValidationError:x","message":"no","reasons":[{"field":"userIds","reason":"bad"}]}""", "x-amzn-RequestId: req-2");
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var wickrs = JsonDocument.Parse((await client.SuspendAsync()).Body).RootElement.GetProperty("wickr").GetRawText();

        Assert.Equal("""{"status":422,"errorType":"ValidationError","message":"no","reasons":[{"field":"userIds","reason":"bad"}],"requestId":"req-2","attempts":2}""", wickrs);
    }

    private static void Script(ScriptedUpstream wickr, string response) => _ = response switch
    {
        "reset" => wickr.ThenReset(),
        "hang" => wickr.ThenHang(),
        "cut" => wickr.ThenRawAndClose("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"successful\""),
        "200" => wickr.Then(200, HttpClientExtensions.Accepted),
        "204" => wickr.ThenRaw("HTTP/1.1 204 No Content\r\n\r\n"),
        "302" => wickr.Then(302, "", "Location: http://127.0.0.1:1/"),
        _ when response.Split(':') is [var status, var code] => wickr.Then(int.Parse(status), $$"""{"code":"{{code}}"}"""),
        _ => wickr.Then(int.Parse(response), """{"message":"scripted"}"""),
    };

    /// <summary>A port that was free a moment ago.</summary>
    private static Uri Refusing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
