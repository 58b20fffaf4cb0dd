using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests;

/// <summary>End to end, against a simulator that checks signatures with its own code.</summary>
public sealed class SimulatorTests : IAsyncLifetime
{
    private readonly WebApplication _simulator = SimulatorApp.Create(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]);
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        await _simulator.StartAsync();
        _gateway = GatewayHost.Start(new Uri(_simulator.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Suspend_and_unsuspend_Change_the_listed_users_and_no_others()
    {
        await PostAsync("""{"suspend":true,"userIds":["1","2"]}""");
        Assert.Equal(["1", "2"], await SuspendedAsync());

        await PostAsync("""{"suspend":false,"userIds":["1"]}""");
        Assert.Equal(["2"], await SuspendedAsync());
    }

    [Fact]
    public async Task Some_users_fail_Returns_200_with_Wickrs_result()
    {
        using var response = JsonDocument.Parse(await PostAsync("""{"suspend":true,"userIds":["3","101"]}"""));

        Assert.Equal("101", Assert.Single(response.RootElement.GetProperty("failed").EnumerateArray()).GetProperty("userId").GetString());
        Assert.Equal(["3"], await SuspendedAsync());
    }

    [Fact]
    public async Task Token_is_reused_for_another_request_Returns_wickr_rejected()
    {
        await PostAsync("""{"suspend":true,"userIds":["1"],"clientToken":"one"}""");
        using var client = _gateway.Client();

        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["2"],"clientToken":"one"}"""));

        var problem = await Problem.OfAsync(response);
        Assert.Equal("wickr-rejected", problem.Type);
        Assert.Equal("BadRequestError", problem.Wickr!.Value.GetProperty("errorType").GetString());
        Assert.Equal(["1"], await SuspendedAsync());
    }

    [Fact]
    public async Task Network_is_unknown_to_Wickr_Returns_404()
    {
        using var client = _gateway.Client();

        using var response = await client.PostAsync("/networks/87654321/users/suspend-status", Json.Body(GatewayFixture.ValidBody));

        var problem = await Problem.OfAsync(response);
        Assert.Equal(404, problem.Status);
        Assert.Equal("ResourceNotFoundError", problem.Wickr!.Value.GetProperty("errorType").GetString());
    }

    [Fact]
    public async Task Signature_is_for_another_region_Returns_wickr_denied_without_the_canonical_request()
    {
        await using var gateway = GatewayHost.Start(new Uri(_simulator.Urls.Single()), new() { ["Wickr:Region"] = "eu-west-1" });
        using var client = gateway.Client();

        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));

        var problem = await Problem.OfAsync(response);
        Assert.Equal("wickr-denied", problem.Type);
        Assert.Equal("not-applied", problem.Outcome);
        Assert.DoesNotContain(AwsEnvironment.AccessKeyId, problem.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("x-amz-date", problem.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await SuspendedAsync());
    }

    private async Task<string> PostAsync(string body)
    {
        using var client = _gateway.Client();
        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body(body));
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<List<string>> SuspendedAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_simulator.Urls.Single()) };
        using var users = JsonDocument.Parse(await client.GetStringAsync("/_simulator/networks/12345678/users"));
        return [.. users.RootElement.GetProperty("users").EnumerateArray().Where(user => user.GetProperty("suspended").GetBoolean()).Select(user => user.GetProperty("userId").GetString()!)];
    }
}
