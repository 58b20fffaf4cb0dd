using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests.Bulk;

/// <summary>A list of up to 5,000 users with one request.</summary>
public sealed class BulkTests : IAsyncLifetime
{
    private readonly WebApplication _simulator = SimulatorApp.Create(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Simulator:Networks:12345678=730"]);

    private Uri Wickr => new(_simulator.Urls.Single());

    public async ValueTask InitializeAsync() => await _simulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task Seven_hundred_and_thirty_users_Are_sent_in_batches_of_50_in_order_with_a_line_each_and_a_summary()
    {
        await using var gateway = Start();
        using var client = gateway.Client();

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 730)));

        Assert.Equal("application/x-ndjson", $"{response.Message.Content.Headers.ContentType}");
        Assert.Equal("no", response.Message.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal("nosniff", response.Message.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("bulk:1", response.Message.Headers.GetValues("X-Client-Token").Single());
        Assert.Equal(Enumerable.Range(1, 15), response.Batches.Select(line => line.GetProperty("batch").GetInt32()));
        Assert.All(response.Batches, line => Assert.Equal(15, line.GetProperty("of").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 730).Select(id => $"{id}"), response.Batches.SelectMany(line => line.GetProperty("userIds").EnumerateArray()).Select(id => id.GetString()));
        Assert.All(response.Batches, line => Assert.Equal("batch,of,userIds,clientToken,status,outcome,attempts,wickrRequestId,result", string.Join(',', line.EnumerateObject().Select(field => field.Name))));
        Assert.Equal("""{"summary":true,"complete":true,"users":730,"successful":730,"failed":0,"unknown":0,"notSent":0}""", response.Summary.GetRawText());
        Assert.Equal(730, await SuspendedAsync());
    }

    [Fact]
    public async Task A_batchs_token_Is_the_SHA_256_of_token_network_action_and_its_ids()
    {
        await using var gateway = Start();
        using var client = gateway.Client();

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body([3, 1], token: "t-1", suspend: false));

        var expected = Convert.ToHexStringLower(SHA256.HashData("t-1\n12345678\nunsuspend\n3\n1"u8));
        Assert.Equal(expected, response.Batches.Single().GetProperty("clientToken").GetString());
        Assert.Equal([expected], (await RequestsAsync()).Select(request => request.Token));
    }

    [Fact]
    public async Task Without_a_clientToken_The_gateway_makes_one_and_returns_it()
    {
        await using var gateway = Start();
        using var client = gateway.Client();

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body([1], token: null));

        var token = response.Message.Headers.GetValues("X-Client-Token").Single();
        Assert.True(Guid.TryParse(token, out _));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{token}\n12345678\nsuspend\n1"))), response.Batches.Single().GetProperty("clientToken").GetString());
    }

    [Fact]
    public async Task Sending_the_same_list_with_the_same_token_again_Resumes_it_and_no_change_is_made_twice()
    {
        await using var gateway = Start();
        using var client = gateway.Client();
        var body = BulkResponse.Body(Enumerable.Range(1, 200));
        await FaultAsync("""{"status":500,"errorType":"InternalServerError","count":3,"when":"after"}""", skip: 2);

        var broken = await BulkResponse.SendAsync(client, body);
        var resumed = await BulkResponse.SendAsync(client, body);

        Assert.False(broken.Summary.GetProperty("complete").GetBoolean());
        Assert.True(resumed.Summary.GetProperty("complete").GetBoolean());
        var effects = (await RequestsAsync()).Where(request => request.Effect).Select(request => request.Token).ToList();
        Assert.Equal(effects.Distinct(), effects);
        Assert.Equal(200, await SuspendedAsync());
    }

    [Fact]
    public async Task The_first_batch_that_is_not_applied_Ends_the_run_and_every_user_is_in_one_count()
    {
        await using var gateway = Start(new() { ["Wickr:MaxAttempts"] = "1" });
        using var client = gateway.Client();
        await FaultAsync("""{"status":500,"errorType":"InternalServerError"}""", skip: 1);

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 170)));

        Assert.Equal(2, response.Batches.Count);
        var failed = response.Batches[1];
        Assert.Equal("batch,of,userIds,clientToken,status,outcome,problem", string.Join(',', failed.EnumerateObject().Select(field => field.Name)));
        Assert.Equal((502, "unknown"), (failed.GetProperty("status").GetInt32(), failed.GetProperty("outcome").GetString()));
        Assert.Equal("urn:wickr-gateway:wickr-failed", failed.GetProperty("problem").GetProperty("type").GetString());
        Assert.Equal(failed.GetProperty("clientToken").GetString(), failed.GetProperty("problem").GetProperty("clientToken").GetString());
        Assert.Equal("""{"summary":true,"complete":false,"users":170,"successful":50,"failed":0,"unknown":50,"notSent":70,"stopped":"wickr-failed"}""", response.Summary.GetRawText());
    }

    [Fact]
    public async Task A_batch_that_ended_not_applied_Counts_as_not_sent()
    {
        await using var gateway = Start();
        using var client = gateway.Client();
        await FaultAsync("""{"status":403,"errorType":"AccessDeniedException"}""", skip: 0);

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 60)));

        Assert.Equal("not-applied", response.Batches.Single().GetProperty("outcome").GetString());
        Assert.Equal("""{"summary":true,"complete":false,"users":60,"successful":0,"failed":0,"unknown":0,"notSent":60,"stopped":"wickr-denied"}""", response.Summary.GetRawText());
    }

    [Fact]
    public async Task Users_that_Wickr_could_not_change_Are_failed_and_the_run_goes_on()
    {
        await using var gateway = Start();
        using var client = gateway.Client();

        var response = await BulkResponse.SendAsync(client, BulkResponse.Body([1, 9001, .. Enumerable.Range(2, 60)]));

        Assert.Equal("""{"summary":true,"complete":true,"users":62,"successful":61,"failed":1,"unknown":0,"notSent":0}""", response.Summary.GetRawText());
    }

    [Fact]
    public async Task Each_batch_Is_audited_as_a_call_and_the_request_has_a_line_with_its_summary()
    {
        using var files = new TemporaryFiles();
        await using var gateway = Start(new() { ["Audit:Path"] = files.PathOf("audit.jsonl") });
        using var client = gateway.Client();

        await BulkResponse.SendAsync(client, $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, 120).Select(id => $"\"{id}\""))}}],"clientToken":"bulk:1","reason":"INC-1"}""");

        var lines = files.Lines("audit.jsonl").Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("requested completed requested completed requested completed completed", string.Join(' ', lines.Select(line => line.GetProperty("event").GetString())));
        foreach (var (line, index) in lines.Take(6).Select((line, index) => (line, index)))
        {
            Assert.Equal($$"""{"clientToken":"bulk:1","batch":{{(index / 2) + 1}},"of":3}""", line.GetProperty("bulk").GetRawText());
            Assert.Equal(index < 4 ? 50 : 20, line.GetProperty("userIds").GetArrayLength());
            Assert.Equal("INC-1", line.GetProperty("reason").GetString());
            Assert.Equal(64, line.GetProperty("clientToken").GetString()!.Length);
        }

        var run = lines[^1];
        Assert.Equal("bulk", run.GetProperty("operation").GetString());
        Assert.Equal(("bulk:1", 120), (run.GetProperty("clientToken").GetString(), run.GetProperty("users").GetInt32()));
        Assert.False(run.TryGetProperty("userIds", out _), "who looks for a user would find it twice");
        Assert.Equal("""{"complete":true,"users":120,"successful":120,"failed":0,"unknown":0,"notSent":0}""", run.GetProperty("summary").GetRawText());
        Assert.Single(lines.Select(line => line.GetProperty("traceId").GetString()).Distinct());
    }

    [Fact]
    public async Task Each_batch_Is_counted_as_a_call()
    {
        // All gateways of this process share the page of metrics, so the caller has a name of its own.
        const string Caller = "Auth:Callers:counted-batches";
        await using var gateway = Start(new() { [$"{Caller}:ApiKeySha256:0"] = GatewayHost.Sha256("counted"), [$"{Caller}:Networks:0"] = "*", [$"{Caller}:Actions:0"] = "suspend" });
        using var client = gateway.Client("counted");

        await BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 120)));
        using var refused = await client.PostAsync(BulkResponse.Path, Json.Body("{}"));

        var metrics = Telemetry.MetricsPage.Parse(await client.GetStringAsync("/metrics"));
        Assert.Equal(3, metrics.Sum("wickr_gateway_calls_total", ("action", "suspend"), ("problem", "none"), ("caller", "counted-batches")));
        Assert.Equal(1, metrics.Sum("wickr_gateway_calls_total", ("action", "bulk"), ("problem", "invalid-request"), ("caller", "counted-batches")));
    }

    [Fact]
    public async Task Wickrs_result_Is_in_the_line_without_its_white_space_and_otherwise_byte_for_byte()
    {
        await using var rig = new GatewayFixture();
        rig.Wickr.Then(200, "{\r\n  \"message\" : \"a \\\" b\\\\\" ,\n\t\"successful\":[ {\"userId\":\"1\"} ],\"failed\":[], \"more\": [1.50, -0e1, \"\\u00e9 é\\/ { \"]\n}\n");

        using var response = await rig.Client.PostAsync(BulkResponse.Path, Json.Body(BulkResponse.Body([1])));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("\"result\":{\"message\":\"a \\\" b\\\\\",\"successful\":[{\"userId\":\"1\"}],\"failed\":[],\"more\":[1.50,-0e1,\"\\u00e9 é\\/ { \"]}}\n", text, StringComparison.Ordinal);
        Assert.Equal(2, BulkResponse.Parse(response, text).Lines.Count);
    }

    [Fact]
    public async Task A_user_that_Wickr_does_not_mention_Is_unknown_and_the_run_not_complete()
    {
        await using var rig = new GatewayFixture();
        rig.Wickr.Then(200, """{"successful":[{"userId":"1"},{"userId":"77"}],"failed":[{"userId":"1"},{"userId":"2"}]}""");

        var response = await BulkResponse.SendAsync(rig.Client, BulkResponse.Body([1, 2, 3]));

        Assert.Equal("""{"summary":true,"complete":false,"users":3,"successful":1,"failed":1,"unknown":1,"notSent":0}""", response.Summary.GetRawText());
    }

    private GatewayHost Start(Dictionary<string, string?>? settings = null) => GatewayHost.Start(Wickr, new Dictionary<string, string?>(settings ?? []) { ["Policy:SuspendLimit:PerCaller"] = "0" });

    /// <summary>The fault comes after so many requests have succeeded.</summary>
    private async Task FaultAsync(string fault, int skip)
    {
        using var wickr = new HttpClient { BaseAddress = Wickr };
        for (var request = 0; request < skip; request++)
        {
            using var pass = await wickr.PostAsync("/_simulator/faults", Json.Body("""{"delayMs":0}"""));
            pass.EnsureSuccessStatusCode();
        }

        using var response = await wickr.PostAsync("/_simulator/faults", Json.Body(fault));
        response.EnsureSuccessStatusCode();
    }

    private async Task<int> SuspendedAsync()
    {
        using var wickr = new HttpClient { BaseAddress = Wickr };
        using var json = JsonDocument.Parse(await wickr.GetStringAsync("/_simulator/networks/12345678/users"));
        return json.RootElement.GetProperty("users").EnumerateArray().Count(user => user.GetProperty("suspended").GetBoolean());
    }

    private async Task<List<(string Token, bool Effect)>> RequestsAsync()
    {
        using var wickr = new HttpClient { BaseAddress = Wickr };
        using var json = JsonDocument.Parse(await wickr.GetStringAsync("/_simulator/requests"));
        return [.. json.RootElement.GetProperty("requests").EnumerateArray().Select(request => (request.GetProperty("clientToken").GetString()!, request.GetProperty("effect").GetBoolean()))];
    }
}
