using System.Diagnostics;
using System.Net;
using WickrGateway.Commands;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary><c>--healthcheck</c>, which the image's HEALTHCHECK runs.</summary>
public sealed class HealthCheckCommandTests
{
    [Fact]
    public async Task A_gateway_that_is_alive_Exits_with_0()
    {
        await using var gateway = GatewayHost.Start(new Uri("http://127.0.0.1:9"));

        Assert.Equal(0, await RunAsync(gateway.Address.AbsoluteUri));
    }

    [Fact]
    public async Task A_refused_connection_Exits_with_1() => Assert.Equal(1, await RunAsync("http://127.0.0.1:9"));

    [Fact]
    public async Task A_status_other_than_200_Exits_with_1()
    {
        await using var failing = new ScriptedUpstream().Then(503, "");

        Assert.Equal(1, await RunAsync(failing.Address.AbsoluteUri));
        Assert.Equal("GET /healthz HTTP/1.1", Assert.Single(failing.Received).RequestLine);
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
    [InlineData("Management__Port", "8081", "127.0.0.1:8081")]
    [InlineData("Management__Port", "0", "127.0.0.1:5000")]
    public void The_request_Goes_to_where_the_gateway_is_configured_to_listen(string variable, string value, string expected) =>
        Assert.Equal(IPEndPoint.Parse(expected), HealthCheckCommand.GetEndPoint(name => name == variable ? value : null));

    private static async Task<int> RunAsync(string urls)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), HealthCheckCommand.Name])
        {
            Environment = { ["ASPNETCORE_URLS"] = urls },
        })!;
        await process.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        return process.ExitCode;
    }
}
