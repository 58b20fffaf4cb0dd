using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>The dry run: every check of the real call and the very same refusals, and nothing is sent.</summary>
public sealed class DryRunTests : IAsyncDisposable
{
    private const string DryRunPath = GatewayFixture.Path + "/dry-run";

    private readonly TemporaryFiles _files = new();
    private readonly GatewayFixture _fixture;

    public DryRunTests() => _fixture = new GatewayFixture(new() { ["Audit:Path"] = _files.PathOf("audit.jsonl") });

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_valid_request_Returns_200_with_the_request_as_it_was_read_and_sends_nothing()
    {
        using var response = await _fixture.PostAsync("""{"reason":"why","clientToken":"t:1","userIds":["2","007","2"],"suspend":false}""", DryRunPath);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("""{"dryRun":true,"networkId":"12345678","suspend":false,"userIds":["2","007","2"],"clientToken":"t:1"}""", await response.Content.ReadAsStringAsync());
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"]}""")]
    [InlineData("""{"suspend":true,"userIds":["1"],"clientToken":null}""")]
    public async Task A_request_without_a_token_Returns_none(string body)
    {
        using var response = await _fixture.PostAsync(body, DryRunPath);

        Assert.Equal("""{"dryRun":true,"networkId":"12345678","suspend":true,"userIds":["1"],"suspendLimit":{"limit":500,"used":0,"after":1}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null, "12345678", "application/json", GatewayFixture.ValidBody, 401)]
    [InlineData("wrong", "12345678", "application/json", GatewayFixture.ValidBody, 401)]
    [InlineData(GatewayHost.LimitedKey, "1", "application/json", GatewayFixture.ValidBody, 400)]
    [InlineData(GatewayHost.LimitedKey, "87654321", "application/json", GatewayFixture.ValidBody, 403)]
    [InlineData(GatewayHost.LimitedKey, "12345678", "text/plain", GatewayFixture.ValidBody, 415)]
    [InlineData(GatewayHost.LimitedKey, "12345678", "application/json", """{"suspend":1,"userIds":[]}""", 400)]
    [InlineData(GatewayHost.LimitedKey, "12345678", "application/json", """{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""", 403)]
    public async Task A_refusal_Is_the_very_problem_of_the_real_call(string? key, string network, string type, string body, int status)
    {
        var real = await SendAsync("", key, network, type, body);
        var dry = await SendAsync("/dry-run", key, network, type, body);

        Assert.Equal(status, Problem.Of(dry).Status);
        Assert.Equal(WithoutTrace(real.Body), WithoutTrace(dry.Body));
        Assert.Equal(real.Header("WWW-Authenticate"), dry.Header("WWW-Authenticate"));
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Fact]
    public async Task A_body_past_the_limit_Returns_413() =>
        Assert.Equal(413, (await SendAsync("/dry-run", GatewayHost.LimitedKey, "12345678", "application/json", new string(' ', 65537))).Status);

    [Fact]
    public async Task A_dry_run_Takes_a_permit()
    {
        await using var slow = new GatewayFixture(new() { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "1000" });
        using var first = await slow.PostAsync(path: DryRunPath);
        using var second = await slow.PostAsync(path: DryRunPath);

        Assert.StartsWith("\"caller\";r=999;", first.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.StartsWith("\"caller\";r=998;", second.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_Is_audited_with_one_completed_line_that_says_so()
    {
        using var allowed = await _fixture.PostAsync("""{"suspend":true,"userIds":["1"],"clientToken":"t:1","reason":"why"}""", DryRunPath);
        await SendAsync("/dry-run", GatewayHost.LimitedKey, "12345678", "application/json", """{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""");
        await SendAsync("", GatewayHost.LimitedKey, "12345678", "application/json", """{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""");

        var lines = _files.Lines("audit.jsonl").Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["completed", "completed", "completed"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal([true, true, false], lines.Select(line => line.TryGetProperty("dryRun", out var dryRun) && dryRun.GetBoolean()));
        Assert.Equal([200, 403, 403], lines.Select(line => line.GetProperty("status").GetInt32()));
        Assert.Equal("why", lines[0].GetProperty("reason").GetString());
        Assert.False(lines[0].TryGetProperty("outcome", out _));
    }

    [Fact]
    public async Task A_dry_run_Needs_no_audit_that_can_be_written_and_no_free_call()
    {
        // One call occupies the only permit for calls to Wickr; the next one would be overloaded.
        await using var busy = new GatewayFixture(new() { ["Wickr:MaxConcurrency"] = "1", ["Wickr:QueueLimit"] = "0" });
        var release = new TaskCompletionSource();
        busy.Wickr.Then(async (stream, _, stop) =>
        {
            await release.Task;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), stop);
        });
        var call = busy.PostAsync();
        await HttpClientExtensions.UntilAsync(() => busy.Wickr.Received.Count == 1);

        using var real = await busy.PostAsync();
        using var dry = await busy.PostAsync(path: DryRunPath);

        Assert.Equal((503, 200), ((int)real.StatusCode, (int)dry.StatusCode));
        release.SetResult();
        using var first = await call;
    }

    [Theory]
    [InlineData("GET", "/dry-run", 405)]
    [InlineData("POST", "/dry-run/", 404)]
    [InlineData("POST", "/DRY-RUN", 404)]
    public async Task Another_method_or_spelling_Is_refused(string method, string end, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), GatewayFixture.Path + end) { Content = Json.Body(GatewayFixture.ValidBody) };
        using var response = await _fixture.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    private static string WithoutTrace(string body)
    {
        var start = body.IndexOf("\"traceId\":\"", StringComparison.Ordinal);
        return body.Remove(start, body.IndexOf('"', start + 11) - start);
    }

    private Task<RawResponse> SendAsync(string end, string? key, string network, string type, string body) => RawHttp.SendAsync(
        _fixture.Gateway.Address,
        [
            $"POST /networks/{network}/users/suspend-status{end} HTTP/1.1", $"Content-Type: {type}", $"Content-Length: {System.Text.Encoding.UTF8.GetByteCount(body)}",
            .. key is null ? (string[])[] : [$"X-Api-Key: {key}"],
        ],
        body);
}
