using System.Collections;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("Kestrel__Endpoints__Https__Url")]
    public async Task A_gateway_with_TLS_alone_Exits_with_0(string variable)
    {
        using var certificate = new MountedCertificate("api.example.com");
        await using var gateway = await GatewayProcess.StartAsync(
            new Uri("http://127.0.0.1:9"),
            environment: null,
            "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Https:Certificate:Path={certificate.Path}",
            $"--Kestrel:Endpoints:Https:Certificate:KeyPath={certificate.KeyPath}");

        // Repeated, as the container engine does: on a busy machine the handshake of one check can take longer than its deadline.
        await HttpClientExtensions.UntilAsync(async () => await RunAsync(gateway.Address.AbsoluteUri, variable) == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_accepts_and_then_stays_silent_Exits_with_1_soon(bool isHttps)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        // The container engine would wait 3 s, and then say that the check hangs.
        Assert.Equal(1, await RunAsync($"{(isHttps ? "https" : "http")}://{silent.LocalEndpoint}"));
    }

    [Fact]
    public async Task No_TLS_where_TLS_is_configured_Exits_with_1()
    {
        await using var plain = new ScriptedUpstream();

        Assert.Equal(1, await RunAsync(plain.Address.AbsoluteUri.Replace("http:", "https:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "ASPNETCORE_HTTP_PORTS=8080")]
    [InlineData("http://127.0.0.1:8080", "ASPNETCORE_HTTP_PORTS=8080;8081")]
    [InlineData("http://127.0.0.1:8080", "HTTP_PORTS=8080")]
    [InlineData("https://127.0.0.1:8443", "ASPNETCORE_HTTPS_PORTS=8443")]
    [InlineData("http://127.0.0.1:8080", "ASPNETCORE_HTTPS_PORTS=8443", "ASPNETCORE_HTTP_PORTS=8080")]
    [InlineData("https://127.0.0.1:8443", "ASPNETCORE_HTTPS_PORTS=8443", "ASPNETCORE_HTTP_PORTS=")]
    [InlineData("http://127.0.0.1:8082", "ASPNETCORE_URLS=http://+:8082")]
    [InlineData("http://127.0.0.1:8082", "ASPNETCORE_URLS=http://+:8082", "ASPNETCORE_HTTP_PORTS=8080")]
    [InlineData("http://127.0.0.1:8082", "ASPNETCORE_URLS=https://*:8443;http://*:8082/")]
    [InlineData("https://127.0.0.1:8443", "ASPNETCORE_URLS=https://*:8443")]
    [InlineData("http://127.0.0.1:8082", "DOTNET_URLS=http://0.0.0.0:8082")]
    [InlineData("http://[::1]:8082", "URLS=http://[::]:8082")]
    [InlineData("http://[::1]:8082", "URLS=http://[::1]:8082")]
    [InlineData("http://[::1]:80", "URLS=http://[::1]")]
    [InlineData("http://192.0.2.7:80", "URLS=http://192.0.2.7")]
    [InlineData("https://192.0.2.7:443", "URLS=HTTPS://192.0.2.7")]
    [InlineData("http://127.0.0.1:8082", "URLS=http://gateway.example.com:8082")]
    [InlineData("https://127.0.0.1:8443", "Kestrel__Endpoints__Https__Url=https://*:8443", "ASPNETCORE_HTTP_PORTS=8080")]
    [InlineData("https://127.0.0.1:8443", "ASPNETCORE_Kestrel__Endpoints__Https__Url=https://*:8443", "ASPNETCORE_URLS=http://*:8080")]
    [InlineData("http://127.0.0.1:8080", "KESTREL__ENDPOINTS__A__URL=https://*:8443", "KESTREL__ENDPOINTS__B__URL=http://*:8080")]
    [InlineData("http://127.0.0.1:5000", "OTHER=")]
    [InlineData("http://127.0.0.1:5000", "URLS=http://*:0;nonsense;http://:99999;://")]
    [InlineData("http://127.0.0.1:8081", "Management__Port=8081", "Kestrel__Endpoints__Https__Url=https://*:8443")]
    [InlineData("http://127.0.0.1:5000", "Management__Port=0")]
    public void The_request_Goes_to_where_the_gateway_is_configured_to_listen(string expected, params string[] environment)
    {
        var variables = new Hashtable();
        foreach (var variable in environment)
            variables.Add(variable.Split('=')[0], variable.Split('=')[1]);

        var target = HealthCheckTarget.Find(variables);

        Assert.Equal(expected, $"{(target.IsHttps ? "https" : "http")}://{target.EndPoint}");
    }

    private static async Task<int> RunAsync(string urls, string variable = "ASPNETCORE_URLS")
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), HealthCheckCommand.Name])
        {
            Environment = { [variable] = urls },
        })!;
        await process.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        return process.ExitCode;
    }
}
