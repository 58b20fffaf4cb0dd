using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests;

/// <summary>GET /whoami: who the caller is and what it may do.</summary>
public sealed class WhoAmITests : IAsyncDisposable
{
    private readonly TemporaryFiles _files = new();
    private readonly GatewayFixture _fixture;

    public WhoAmITests() => _fixture = new GatewayFixture(new()
    {
        ["Audit:Path"] = _files.PathOf("audit.jsonl"),
        ["RateLimit:PermitsPerSecond"] = "1",
        ["RateLimit:Burst"] = "1000",
        ["Auth:Callers:many:ApiKeySha256:0"] = GatewayHost.Sha256("key-of-the-caller-of-many-networks"),
        ["Auth:Callers:many:Networks:0"] = "22222222",
        ["Auth:Callers:many:Networks:1"] = "11111111",
        ["Auth:Callers:many:Actions:0"] = "unsuspend",
        ["Auth:Callers:many:Actions:1"] = "suspend",
        ["Auth:Callers:nobody:ApiKeySha256:0"] = GatewayHost.Sha256("key-of-a-caller-without-grants"),
    });

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_fixture.Wickr.Received);
        await _fixture.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [InlineData(GatewayHost.LimitedKey, "limited", """["12345678"]""", """["suspend"]""")]
    [InlineData(GatewayHost.AllPowerfulKey, "all-powerful", """["*"]""", """["suspend","unsuspend"]""")]
    [InlineData("key-of-the-caller-of-many-networks", "many", """["11111111","22222222"]""", """["suspend","unsuspend"]""")]
    [InlineData("key-of-a-caller-without-grants", "nobody", "[]", "[]")]
    public async Task An_api_key_Returns_its_caller_grants_and_limits(string key, string caller, string networks, string actions)
    {
        using var client = _fixture.Gateway.Client(key);

        using var response = await client.GetAsync("/whoami");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal(
            $$$$"""{"caller":"{{{{caller}}}}","credential":{"kind":"apiKey","fingerprint":"{{{{GatewayHost.Sha256(key)[..8]}}}}"},"networks":{{{{networks}}}},"actions":{{{{actions}}}},"limits":{"requestsPerSecond":1,"burst":1000,"suspendedUsers":{"limit":500,"used":0,"window":"01:00:00"}}}""",
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null, "No credential was sent")]
    [InlineData("wrong", "The API key is not valid")]
    public async Task No_valid_credential_Returns_401(string? key, string detail)
    {
        using var client = _fixture.Gateway.Client(key);

        using var response = await client.GetAsync("/whoami");
        var problem = await Problem.OfAsync(response);

        Assert.Equal((401, "unauthenticated"), (problem.Status, problem.Type));
        Assert.Contains(detail, problem.Text, StringComparison.Ordinal);
        Assert.StartsWith("ApiKey", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_Takes_a_permit()
    {
        using var first = await _fixture.Client.GetAsync("/whoami");
        using var second = await _fixture.Client.GetAsync("/whoami");

        Assert.StartsWith("\"caller\";r=999;", first.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.StartsWith("\"caller\";r=998;", second.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_Is_audited_with_its_operation()
    {
        using var client = _fixture.Gateway.Client("wrong");
        using var allowed = await _fixture.Client.GetAsync("/whoami");
        using var refused = await client.GetAsync("/whoami");

        var lines = _files.Lines("audit.jsonl").Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([200, 401], lines.Select(line => line.GetProperty("status").GetInt32()));
        Assert.All(lines, line => Assert.Equal(("completed", "whoami"), (line.GetProperty("event").GetString(), line.GetProperty("operation").GetString())));
    }

    [Theory]
    [InlineData("POST", "/whoami", 405)]
    [InlineData("GET", "/whoami/", 404)]
    [InlineData("GET", "/WhoAmI", 404)]
    public async Task Another_method_or_spelling_Is_refused(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _fixture.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Only_refused_dry_runs_and_requests_Are_counted_as_calls()
    {
        await using var watched = await WatchedGateway.StartAsync();
        var client = watched.Client;
        using var wrong = new HttpClient { BaseAddress = client.BaseAddress, DefaultRequestHeaders = { { "X-Api-Key", "wrong" } } };
        using var dryRun = await client.PostAsync($"{GatewayFixture.Path}/dry-run", Json.Body(GatewayFixture.ValidBody));
        using var allowed = await client.GetAsync("/whoami");
        using var refused = await wrong.GetAsync("/whoami");
        using var invalid = await client.PostAsync($"{GatewayFixture.Path}/dry-run", Json.Body("{}"));

        var page = await watched.ScrapeUntilAsync(page => page.Samples.Count(sample => sample.Name == "wickr_gateway_calls_total") >= 2);

        Assert.Equal(
            [("dry-run", "invalid-request"), ("whoami", "unauthenticated")],
            page.Samples.Where(sample => sample.Name == "wickr_gateway_calls_total").Select(sample => (sample.Labels["action"], sample.Labels["problem"])).Order());
    }
}
