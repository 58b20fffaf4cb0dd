using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>What the audit records about a request, and that a change which cannot be audited is not made.</summary>
public sealed class AuditTests : IAsyncDisposable
{
    private const string Partial = """{"message":"partial","successful":[{"userId":"1"}],"failed":[{"userId":"2","field":"userId","reason":"no such \"user\"\n"}]}""";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("audit");
    private readonly ScriptedUpstream _wickr = new();

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_call_Is_recorded_before_it_is_sent_and_before_its_response_leaves()
    {
        var recorded = "";
        _wickr.Then(async (stream, _, stop) =>
        {
            recorded = Read();
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nx-amzn-RequestId: req-7\r\nContent-Length: {Partial.Length}\r\n\r\n{Partial}"), stop);
        });
        await using var gateway = Start();
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, GatewayFixture.Path) { Content = Json.Body("""{"suspend":true,"userIds":["1","2"],"clientToken":"t:1","reason":"TICKET-4711"}""") };

        using var response = await client.SendAsync(request);
        var lines = Lines();

        Assert.Equal("requested", Assert.Single(recorded.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)).GetProperty("event").GetString());
        Assert.Equal(["requested", "completed"], lines.Select(line => line.GetProperty("event").GetString()));
        foreach (var line in lines)
        {
            Assert.Equal("WickrGateway.Audit", line.GetProperty("source").GetString());
            Assert.Equal("all-powerful", line.GetProperty("caller").GetString());
            Assert.Equal("apiKey", line.GetProperty("credential").GetProperty("kind").GetString());
            Assert.Equal(GatewayHost.Sha256(GatewayHost.AllPowerfulKey)[..8], line.GetProperty("credential").GetProperty("fingerprint").GetString());
            Assert.Equal("12345678", line.GetProperty("network").GetString());
            Assert.Equal("suspend", line.GetProperty("action").GetString());
            Assert.Equal(["1", "2"], line.GetProperty("userIds").EnumerateArray().Select(id => id.GetString()));
            Assert.Equal("t:1", line.GetProperty("clientToken").GetString());
            Assert.Equal("TICKET-4711", line.GetProperty("reason").GetString());
            Assert.Equal("127.0.0.1", line.GetProperty("remoteAddress").GetString());
            Assert.Equal(32, line.GetProperty("traceId").GetString()!.Length);
            Assert.True(line.GetProperty("time").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        }

        var last = lines[^1];
        Assert.Equal(200, last.GetProperty("status").GetInt32());
        Assert.Equal("applied", last.GetProperty("outcome").GetString());
        Assert.Equal(1, last.GetProperty("attempts").GetInt32());
        Assert.Equal("req-7", last.GetProperty("wickrRequestId").GetString());
        Assert.Equal("1", Assert.Single(last.GetProperty("successful").EnumerateArray()).GetString());
        var failed = Assert.Single(last.GetProperty("failed").EnumerateArray());
        Assert.Equal(("2", "no such \"user\"\n"), (failed.GetProperty("userId").GetString(), failed.GetProperty("reason").GetString()));
        Assert.True(last.GetProperty("milliseconds").GetDouble() > 0);
        Assert.DoesNotContain("4711", _wickr.Received.Single().BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong", GatewayFixture.Path, GatewayFixture.ValidBody, 401, "unauthenticated", null)]
    [InlineData(GatewayHost.LimitedKey, "/networks/87654321/users/suspend-status", GatewayFixture.ValidBody, 403, "forbidden", null)]
    [InlineData(GatewayHost.LimitedKey, GatewayFixture.Path, """{"suspend":"secret-in-a-body""", 400, "invalid-request", null)]
    [InlineData(GatewayHost.LimitedKey, GatewayFixture.Path, """{"suspend":false,"userIds":["1"]}""", 403, "forbidden", "not-applied")]
    public async Task A_refused_request_Is_one_line_without_its_body(string key, string path, string body, int status, string problem, string? outcome)
    {
        await using var gateway = Start();
        using var client = gateway.Client(key);

        using var response = await client.PostAsync(path, Json.Body(body));

        var line = Assert.Single(Lines());
        Assert.Equal("completed", line.GetProperty("event").GetString());
        Assert.Equal(status, line.GetProperty("status").GetInt32());
        Assert.Equal(problem, line.GetProperty("problem").GetString());
        Assert.Equal(outcome, line.TryGetProperty("outcome", out var recorded) ? recorded.GetString() : null);
        Assert.Equal(status == 401, !line.TryGetProperty("caller", out _));
        Assert.False(line.TryGetProperty("attempts", out _));
        Assert.DoesNotContain("secret-in-a-body", Read(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_Is_recorded_by_subject_and_issuer_and_never_itself()
    {
        await using var provider = await IdentityProvider.StartAsync();
        await using var gateway = Start(provider.Settings());
        _wickr.Then(200, GatewayFixture.Success);
        var token = provider.Token();
        using var client = gateway.Client(apiKey: null);
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        var credential = Lines()[^1].GetProperty("credential");
        Assert.Equal(("jwt", "service-a", provider.Issuer), (credential.GetProperty("kind").GetString(), credential.GetProperty("sub").GetString(), credential.GetProperty("iss").GetString()));
        Assert.DoesNotContain(token.Split('.')[2], Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_disconnects_Is_recorded_with_the_result_of_its_call()
    {
        var received = new TaskCompletionSource();
        var response = new TaskCompletionSource();
        _wickr.Then(async (stream, _, stop) =>
        {
            received.SetResult();
            await response.Task;
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}"), stop);
        });
        await using var gateway = Start();
        using var client = gateway.Client();
        using var hangUp = new CancellationTokenSource();
        var call = client.SuspendAsync(disconnect: hangUp.Token);
        await received.Task;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        response.SetResult();

        await HttpClientExtensions.UntilAsync(() => Lines().Count == 2);
        Assert.Equal("applied", Lines()[^1].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task An_audit_that_cannot_be_written_Returns_503_sends_nothing_and_recovers_with_the_disk()
    {
        await using var gateway = Start();
        using var client = gateway.Client();
        Directory.Move(_directory.FullName, $"{_directory.FullName}-gone");

        var refused = await client.SuspendAsync();

        Assert.Equal("audit-unavailable 503 not-applied", refused.Summary);
        Assert.True(refused.RetryAfter >= 1);
        Assert.Contains("\"clientToken\":\"t:1\"", refused.Body, StringComparison.Ordinal);
        Assert.Empty(_wickr.Received);

        Directory.Move($"{_directory.FullName}-gone", _directory.FullName);
        _wickr.Then(200, GatewayFixture.Success);
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Equal(2, Lines().Count);
    }

    [Fact]
    public async Task A_response_whose_line_cannot_be_written_Still_leaves_because_the_change_was_made()
    {
        await using var gateway = Start(new(StringComparer.Ordinal) { ["Audit:MaxFileBytes"] = "4096" });
        using var client = gateway.Client();
        var calls = 0;
        // Until the file has room for one more line and not for two; tokens of different lengths, or it might never be.
        while (new FileInfo(FilePath) is not { Exists: true, Length: > 3400 and <= 3700 })
        {
            _wickr.Then(200, GatewayFixture.Success);
            Assert.Equal("200", (await client.SuspendAsync($"t:{calls}{new string('x', calls++ * 7 % 50)}")).Summary);
            Assert.True(calls < 200);
        }

        // The disk breaks between the two lines: the directory that the full file rolls into is gone.
        _wickr.Then(async (stream, _, stop) =>
        {
            Directory.Move(_directory.FullName, $"{_directory.FullName}-gone");
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {GatewayFixture.Success.Length}\r\n\r\n{GatewayFixture.Success}"), stop);
        });
        Assert.Equal("200", (await client.SuspendAsync("last")).Summary);
        Assert.Equal("audit-unavailable 503 not-applied", (await client.SuspendAsync("refused")).Summary);

        Directory.Move($"{_directory.FullName}-gone", _directory.FullName);
        _wickr.Then(200, GatewayFixture.Success);
        Assert.Equal("200", (await client.SuspendAsync("back")).Summary);
    }

    [Fact]
    public async Task Lines_go_to_standard_output_whatever_the_log_levels_and_none_is_lost_at_SIGTERM()
    {
        const int Calls = 200;
        for (var call = 0; call < Calls; call++)
            _wickr.Then(200, GatewayFixture.Success);

        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, environment: null, "--Serilog:MinimumLevel:Default=Fatal", "--Serilog:MinimumLevel:Override:WickrGateway.Audit=Fatal", "--Logging:LogLevel:Default=None");
        using var client = gateway.Client();
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(call => client.SuspendAsync($"t:{call}")));
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitAsync());

        await HttpClientExtensions.UntilAsync(() => gateway.Output.Split('\n').Count(line => line.Contains("\"source\":\"WickrGateway.Audit\"", StringComparison.Ordinal)) == 2 * Calls);
        var tokens = gateway.Output.Split('\n').Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("clientToken", out _)).Select(line => line.GetProperty("clientToken").GetString());
        Assert.Equal(Calls, tokens.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Text_from_outside_Is_cut_at_256_characters_and_cannot_reorder_the_line()
    {
        const string Bidirectional = "\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069";
        var subject = $"{new string('s', 255)}\U0001F600 and more";
        await using var provider = await IdentityProvider.StartAsync();
        await using var gateway = Start(provider.Settings());
        using var client = gateway.Client(apiKey: null);
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {provider.Token(subject: subject)}");
        Assert.Equal("forbidden 403 ", (await client.SuspendAsync()).Summary);

        // Half of a surrogate pair would not be text.
        Assert.Equal(new string('s', 255), Lines()[^1].GetProperty("credential").GetProperty("sub").GetString());

        _wickr.Then(200, JsonSerializer.Serialize(new { successful = Array.Empty<object>(), failed = new[] { new { userId = "1", reason = $"a{Bidirectional}'z{new string('r', 300)}" } } }));
        using var good = gateway.Client();
        Assert.Equal("200", (await good.SuspendAsync()).Summary);

        var raw = Read();
        Assert.DoesNotContain(raw, character => Bidirectional.Contains(character));
        Assert.Contains("a\\u061C\\u200E\\u200F\\u202A\\u202B\\u202C\\u202D\\u202E\\u2066\\u2067\\u2068\\u2069", raw, StringComparison.Ordinal);
        Assert.Equal($"a{Bidirectional}'z{new string('r', 300)}"[..256], Lines()[^1].GetProperty("failed")[0].GetProperty("reason").GetString());
    }

    private GatewayHost Start(Dictionary<string, string?>? settings = null) =>
        GatewayHost.Start(_wickr.Address, new Dictionary<string, string?>(settings ?? []) { ["Audit:Path"] = FilePath });

    private string Read()
    {
        using var reader = new StreamReader(new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }

    private List<JsonElement> Lines() => [.. Read().TrimEnd('\n').Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
