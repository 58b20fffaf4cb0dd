using System.Diagnostics;
using System.Net;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests;

/// <summary><c>Management:Port</c>: a listener of its own for probes and Prometheus.</summary>
public sealed class ManagementTests
{
    private static readonly HttpClient Anonymous = new();

    [Fact]
    public async Task Port_is_set_Metrics_and_health_are_there_and_the_callers_port_has_health_alone()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Management:Port=0");
        var management = watched.Gateway.ManagementAddress;

        Assert.Equal(200, await watched.CallAsync());
        Assert.Contains("wickr_gateway_retry_budget", await Anonymous.GetStringAsync(new Uri(management, "/metrics")), StringComparison.Ordinal);
        foreach (var address in (Uri[])[management, watched.Gateway.Address])
        {
            Assert.Equal("""{"status":"alive"}""", await Anonymous.GetStringAsync(new Uri(address, "/healthz")));
            Assert.Equal("""{"status":"ready"}""", await Anonymous.GetStringAsync(new Uri(address, "/readyz")));
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(management, GatewayFixture.Path)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(watched.Gateway.Address, "/metrics")));

        await watched.Gateway.TerminateAsync();
        Assert.Equal(0, await watched.Gateway.ExitAsync());
    }

    [Fact]
    public async Task Not_ready_Readyz_has_the_same_problem_on_both_ports()
    {
        await using var gateway = await GatewayProcess.StartAsync(new Uri("http://127.0.0.1:9"), [], "--Management:Port=0");

        using var own = await Anonymous.GetAsync(new Uri(gateway.ManagementAddress, "/readyz"));
        using var callers = await Anonymous.GetAsync(new Uri(gateway.Address, "/readyz"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, own.StatusCode);
        Assert.Equal(await callers.Content.ReadAsStringAsync(), await own.Content.ReadAsStringAsync());
        Assert.Equal("application/problem+json", own.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Telemetry_is_off_Health_is_there_and_metrics_are_not()
    {
        await using var watched = await WatchedGateway.StartAsync(new() { ["OTEL_SDK_DISABLED"] = "true" }, "--Management:Port=0");
        var management = watched.Gateway.ManagementAddress;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(management, "/healthz")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(management, "/metrics")));
    }

    [Fact]
    public async Task The_callers_port_is_full_Management_port_and_healthcheck_respond()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Management:Port=0", "--Limits:MaxConnections=3");
        var management = watched.Gateway.ManagementAddress;
        using var silent = new Connections(watched.Gateway.Address);
        await silent.OpenAsync(3);
        Assert.False(await silent.OpenOneAsync());

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(management, "/healthz")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(management, "/readyz")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(management, "/metrics")));
        using var healthCheck = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), "--healthcheck"])
        {
            Environment = { ["ASPNETCORE_URLS"] = watched.Gateway.Address.AbsoluteUri, ["Management__Port"] = $"{management.Port}" },
        })!;
        await healthCheck.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        Assert.Equal(0, healthCheck.ExitCode);
    }

    [Fact]
    public async Task Idle_sockets_fill_the_management_port_Metrics_are_served_at_once_and_the_sockets_are_closed_soon()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Management:Port=0");
        var management = watched.Gateway.ManagementAddress;
        using var idle = new Connections(management);
        await idle.SendAsync(110, "GET /met");
        await idle.SendAsync(110, "");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(management, "/metrics")));
        await HttpClientExtensions.UntilAsync(() => idle.CountClosed() == idle.Count);
    }

    private static async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        // A connection of its own, as a probe has.
        using var client = new HttpClient();
        using var response = await client.GetAsync(address);
        return response.StatusCode;
    }
}
