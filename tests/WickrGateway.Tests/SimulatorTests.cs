using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests;

/// <summary>The whole way, with a Wickr as the judge that checks signatures by code of its own.</summary>
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
    public async Task Suspend_and_unsuspend_Change_the_users_that_were_named_and_no_others()
    {
        await PostAsync("""{"suspend":true,"userIds":["1","2"]}""");
        Assert.Equal(["1", "2"], await SuspendedAsync());

        await PostAsync("""{"suspend":false,"userIds":["1"]}""");
        Assert.Equal(["2"], await SuspendedAsync());
    }

    [Fact]
    public async Task A_partial_failure_Is_a_200_with_Wickr_s_words()
    {
        using var answer = JsonDocument.Parse(await PostAsync("""{"suspend":true,"userIds":["3","101"]}"""));

        Assert.Equal("101", Assert.Single(answer.RootElement.GetProperty("failed").EnumerateArray()).GetProperty("userId").GetString());
        Assert.Equal(["3"], await SuspendedAsync());
    }

    [Fact]
    public async Task The_same_token_with_another_request_Is_Wickr_s_to_refuse()
    {
        await PostAsync("""{"suspend":true,"userIds":["1"],"clientToken":"one"}""");
        using var client = _gateway.Client();

        using var answer = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["2"],"clientToken":"one"}"""));

        var problem = await Problem.OfAsync(answer);
        Assert.Equal("wickr-rejected", problem.Type);
        Assert.Equal("BadRequestError", problem.Wickr!.Value.GetProperty("errorType").GetString());
        Assert.Equal(["1"], await SuspendedAsync());
    }

    [Fact]
    public async Task An_unknown_network_Returns_Wickr_s_404()
    {
        using var client = _gateway.Client();

        using var answer = await client.PostAsync("/networks/87654321/users/suspend-status", Json.Body(GatewayFixture.ValidBody));

        var problem = await Problem.OfAsync(answer);
        Assert.Equal(404, problem.Status);
        Assert.Equal("ResourceNotFoundError", problem.Wickr!.Value.GetProperty("errorType").GetString());
    }

    [Fact]
    public async Task A_signature_for_another_region_Is_refused_and_its_canonical_request_stays_here()
    {
        await using var gateway = GatewayHost.Start(new Uri(_simulator.Urls.Single()), new() { ["Wickr:Region"] = "eu-west-1" });
        using var client = gateway.Client();

        using var answer = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));

        var problem = await Problem.OfAsync(answer);
        Assert.Equal("wickr-denied", problem.Type);
        Assert.Equal("not-applied", problem.Outcome);
        Assert.DoesNotContain(AwsEnvironment.AccessKeyId, problem.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("x-amz-date", problem.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await SuspendedAsync());
    }

    private async Task<string> PostAsync(string body)
    {
        using var client = _gateway.Client();
        using var answer = await client.PostAsync(GatewayFixture.Path, Json.Body(body));
        Assert.Equal(200, (int)answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<List<string>> SuspendedAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_simulator.Urls.Single()) };
        using var users = JsonDocument.Parse(await client.GetStringAsync("/_simulator/networks/12345678/users"));
        return [.. users.RootElement.GetProperty("users").EnumerateArray().Where(user => user.GetProperty("suspended").GetBoolean()).Select(user => user.GetProperty("userId").GetString()!)];
    }
}
