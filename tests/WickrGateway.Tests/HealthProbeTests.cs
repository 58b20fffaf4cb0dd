using System.Diagnostics;
using System.Net;
using WickrGateway.Commands;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

public sealed class HealthProbeTests
{
    [Fact]
    public async Task Gateway_is_healthy_Probe_exits_with_0()
    {
        await using var gateway = GatewayHost.Start(new Uri("http://127.0.0.1:9"));

        Assert.Equal(0, await ProbeAsync(gateway.Address.AbsoluteUri));
    }

    [Fact]
    public async Task Nothing_listens_Probe_exits_with_1() => Assert.Equal(1, await ProbeAsync("http://127.0.0.1:9"));

    [Fact]
    public async Task Status_is_not_200_Probe_exits_with_1()
    {
        await using var unwell = new ScriptedUpstream().Then(503, "");

        Assert.Equal(1, await ProbeAsync(unwell.Address.AbsoluteUri));
        Assert.Equal("GET /healthz HTTP/1.1", Assert.Single(unwell.Received).RequestLine);
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080", "127.0.0.1:8080")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080;8081", "127.0.0.1:8080")]
    [InlineData("HTTP_PORTS", "8080", "127.0.0.1:8080")]
    [InlineData("ASPNETCORE_URLS", "http://+:8082", "127.0.0.1:8082")]
    [InlineData("ASPNETCORE_URLS", "https://*:8443;http://*:8082/", "127.0.0.1:8082")]
    [InlineData("DOTNET_URLS", "http://0.0.0.0:8082", "127.0.0.1:8082")]
    [InlineData("URLS", "http://[::]:8082", "[::1]:8082")]
    [InlineData("URLS", "http://[::1]:8082", "[::1]:8082")]
    [InlineData("URLS", "http://192.0.2.7", "192.0.2.7:80")]
    [InlineData("OTHER", "", "127.0.0.1:5000")]
    public void Listening_variables_Select_the_address_that_is_probed(string variable, string value, string address) =>
        Assert.Equal(IPEndPoint.Parse(address), HealthProbe.Address(name => name == variable ? value : null));

    private static async Task<int> ProbeAsync(string urls)
    {
        using var probe = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), HealthProbe.Flag])
        {
            Environment = { ["ASPNETCORE_URLS"] = urls },
        })!;
        await probe.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        return probe.ExitCode;
    }
}
