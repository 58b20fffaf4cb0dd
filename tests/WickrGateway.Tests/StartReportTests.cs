using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What the log says at the start about the settings in force.</summary>
public sealed class StartReportTests
{
    [Fact]
    public async Task Start_Logs_one_line_with_the_settings_in_force_and_no_warning()
    {
        await using var gateway = GatewayProcess.Start(
            new(GatewayProcess.MinimalSettings()) { ["Wickr:Endpoint"] = "https://wickr.example.com/prefix", ["RateLimit:Burst"] = "77" });

        var line = Assert.Single(await LinesAsync(gateway));

        Assert.Equal("Information", line.GetProperty("level").GetString());
        Assert.Equal("us-east-1", line.GetProperty("region").GetString());
        Assert.Equal("https://wickr.example.com", line.GetProperty("endpoint").GetString());
        Assert.Equal(1, line.GetProperty("callers").GetInt32());
        Assert.Equal("off", line.GetProperty("tokens").GetString());
        Assert.Equal("none", line.GetProperty("auditFile").GetString());
        Assert.Contains("77", line.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(GatewayHost.Sha256("k"), gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_is_http_and_not_loopback_Is_a_warning()
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["Wickr:Endpoint"] = "http://simulator:8081" });

        var warning = Assert.Single(await LinesAsync(gateway), IsWarning);

        Assert.Contains("Wickr:Endpoint", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("us-esat-1")]
    [InlineData("simulated-1")]
    public async Task Region_is_not_in_AWS_list_Is_a_warning_that_names_it(string region)
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["Wickr:Region"] = region });

        var warning = Assert.Single(await LinesAsync(gateway), IsWarning);

        Assert.Contains("Wickr:Region", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(region, warning.GetProperty("region").GetString());
    }

    [Theory]
    [InlineData("eu-central-2")]
    [InlineData("us-gov-west-1")]
    [InlineData("cn-north-1")]
    public async Task Region_of_any_partition_of_AWS_Is_no_warning(string region)
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["Wickr:Region"] = region });

        Assert.DoesNotContain(await LinesAsync(gateway), IsWarning);
    }

    [Fact]
    public async Task Callers_that_can_never_authenticate_or_have_no_grant_Are_named_in_warnings()
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings())
        {
            ["Auth:Callers:keyless:Networks:0"] = "*",
            ["Auth:Callers:keyless:Actions:0"] = "suspend",
            ["Auth:Callers:by-token:Subjects:0"] = "s",
            ["Auth:Callers:by-token:Networks:0"] = "*",
            ["Auth:Callers:by-token:Actions:0"] = "suspend",
            ["Auth:Callers:no-network:ApiKeySha256:0"] = GatewayHost.Sha256("1"),
            ["Auth:Callers:no-network:Actions:0"] = "suspend",
            ["Auth:Callers:no-action:ApiKeySha256:0"] = GatewayHost.Sha256("2"),
            ["Auth:Callers:no-action:Networks:0"] = "*",
        });

        var warnings = (await LinesAsync(gateway)).Where(IsWarning).Select(line => line.GetProperty("message").GetString()!).ToList();

        Assert.Equal(2, warnings.Count);
        Assert.Contains(warnings, warning => warning.Contains("by-token, keyless", StringComparison.Ordinal) && !warning.Contains("app", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains("no-action, no-network", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_are_configured_A_caller_with_a_subject_can_authenticate()
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings())
        {
            ["Authentication:Schemes:Bearer:Authority"] = "https://idp.example",
            ["Authentication:Schemes:Bearer:ValidAudience"] = "wickr-gateway",
            ["Auth:Callers:by-token:Subjects:0"] = "s",
            ["Auth:Callers:by-token:Networks:0"] = "*",
            ["Auth:Callers:by-token:Actions:0"] = "suspend",
        });

        var line = Assert.Single(await LinesAsync(gateway));

        Assert.Equal("on", line.GetProperty("tokens").GetString());
        Assert.Equal(2, line.GetProperty("callers").GetInt32());
    }

    private static bool IsWarning(JsonElement line) => line.GetProperty("level").GetString() == "Warning";

    private static async Task<List<JsonElement>> LinesAsync(GatewayProcess gateway)
    {
        await gateway.ListeningAsync();
        return [.. gateway.StandardOutput.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("source", out var source) && source.GetString() == "WickrGateway.Start")];
    }
}
