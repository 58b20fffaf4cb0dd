using System.Text.Json;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Networks in several regions behind one gateway.</summary>
public sealed class NetworkSettingsTests : IAsyncDisposable
{
    private readonly ScriptedUpstream _one = new();
    private readonly ScriptedUpstream _two = new();

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Each_network_Is_called_at_its_own_endpoint_and_signed_for_its_own_region()
    {
        _one.Then(200, GatewayFixture.Success);
        _two.Then(200, GatewayFixture.Success);
        await using var gateway = Start(new() { ["Wickr:Networks:22222222:Region"] = "eu-central-1", ["Wickr:Networks:22222222:Endpoint"] = _two.Address.AbsoluteUri });
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync(network: "11111111")).Summary);
        Assert.Equal("200", (await client.SuspendAsync(network: "22222222")).Summary);

        Assert.Contains("/us-east-1/wickr/", _one.Received.Single().Header("Authorization"), StringComparison.Ordinal);
        Assert.Contains("/eu-central-1/wickr/", _two.Received.Single().Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_default_region_Other_networks_are_network_unknown_and_nothing_is_sent()
    {
        _one.Then(200, GatewayFixture.Success);
        using var files = new TemporaryFiles();
        await using var gateway = Start(new() { ["Wickr:Region"] = null, ["Wickr:Networks:22222222:Region"] = "eu-central-1", ["Audit:Path"] = files.PathOf("audit.jsonl") });
        using var client = gateway.Client();

        var unknown = await client.SuspendAsync(network: "11111111");
        using var dryRun = await client.PostAsync("/networks/11111111/users/suspend-status/dry-run", Json.Body(GatewayFixture.ValidBody));
        var known = await client.SuspendAsync(network: "22222222");

        Assert.Equal("network-unknown 404 not-applied", unknown.Summary);
        Assert.Equal("network-unknown", (await Problem.OfAsync(dryRun)).Type);
        Assert.Equal("200", known.Summary);
        Assert.Single(_one.Received);
        var refused = JsonDocument.Parse(files.Lines("audit.jsonl")[0]).RootElement;
        Assert.Equal(("completed", "network-unknown"), (refused.GetProperty("event").GetString(), refused.GetProperty("problem").GetString()));
        Assert.False(refused.TryGetProperty("region", out _));
    }

    [Fact]
    public async Task A_region_that_fails_Does_not_touch_another()
    {
        _one.ThenAlways(500, "{}");
        _two.ThenAlways(200, GatewayFixture.Success);
        await using var gateway = Start(new()
        {
            ["Wickr:Networks:22222222:Region"] = "eu-central-1",
            ["Wickr:Networks:22222222:Endpoint"] = _two.Address.AbsoluteUri,
            ["Wickr:MaxAttempts"] = "3",
            ["Wickr:CircuitBreaker:MinimumThroughput"] = "2",
            ["Wickr:CircuitBreaker:BreakDuration"] = "00:10:00",
        });
        using var client = gateway.Client();
        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync(network: "11111111")).Type == "wickr-circuit-open");

        for (var i = 0; i < 5; i++)
            Assert.Equal("200", (await client.SuspendAsync(network: "22222222")).Summary);

        Assert.Contains("all other networks (us-east-1)", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
        var metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("wickr_gateway_circuit_state{region=\"eu-central-1\",state=\"closed\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("wickr_gateway_circuit_state{region=\"us-east-1\",state=\"open\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("wickr_gateway_retry_budget{region=\"eu-central-1\"} 500", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Wickr:Networks:1234567:Region", "us-east-1", "Wickr:Networks:1234567")]
    [InlineData("Wickr:Networks:12345678:Region", "US EAST", "Wickr:Networks:12345678:Region")]
    [InlineData("Wickr:Networks:12345678:Regio", "us-east-1", "Wickr:Networks:12345678:Regio")]
    [InlineData("Wickr:Networks:12345678:Endpoint", "secret", "Wickr:Networks:12345678:Endpoint")]
    [InlineData("Wickr:Networks:12345678:UseFips", "secret", "Wickr:Networks:12345678:UseFips")]
    [InlineData("Wickr:Networks:12345678:RoleArn", "secret", "Wickr:Networks:12345678:RoleArn")]
    [InlineData("Wickr:Networks:12345678:RoleArn", "arn:aws:iam::123456789012:user/secret", "Wickr:Networks:12345678:RoleArn")]
    [InlineData("Wickr:Networks:12345678:ExternalId", "valid", "Wickr:Networks:12345678:ExternalId")]
    [InlineData("Wickr:ExternalId", "valid", "Wickr:ExternalId")]
    [InlineData("Wickr:RoleArn", "arn:aws:iam::1:role/secret", "Wickr:RoleArn")]
    [InlineData("Wickr:RoleDuration", "00:14:59", "Wickr:RoleDuration")]
    [InlineData("Wickr:RoleDuration", "01:00:01", "Wickr:RoleDuration")]
    [InlineData("Wickr:Attribution", "sessionname", "Wickr:Attribution")]
    [InlineData("Wickr:Proxy", "secret:3128", "Wickr:Proxy")]
    public void A_wrong_setting_Ends_the_start_and_is_named_without_its_value(string key, string value, string named)
    {
        var invalid = Assert.Throws<SettingsException>(() => GatewayApp.Create(
            [.. GatewayProcess.MinimalSettings().Where(setting => setting.Key.Contains(':', StringComparison.Ordinal)).Select(setting => $"--{setting.Key}={setting.Value}"), $"--{key}={value}"]));

        Assert.Contains(invalid.Errors, error => error.StartsWith($"{named}: ", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_without_any_region_Ends_the_start()
    {
        var settings = GatewayProcess.MinimalSettings().Where(setting => setting.Key.Contains(':', StringComparison.Ordinal) && setting.Key != "Wickr:Region").Select(setting => $"--{setting.Key}={setting.Value}");
        var invalid = Assert.Throws<SettingsException>(() => GatewayApp.Create([.. settings, "--Wickr:Networks:12345678:UseFips=true"]));

        Assert.Equal(["Wickr:Networks:12345678:Region: is missing, and so is Wickr:Region"], invalid.Errors);
    }

    private GatewayHost Start(Dictionary<string, string?> settings) =>
        GatewayHost.Start(_one.Address, new Dictionary<string, string?>(settings) { ["Wickr:MaxAttempts"] = settings.GetValueOrDefault("Wickr:MaxAttempts") ?? "1" });
}
