using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>The way out through a CONNECT proxy, and to hosts with certificates of a private CA.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private readonly ConnectProxy _proxy = new();
    private readonly TemporaryFiles _files = new();
    private WebApplication _aws = null!;

    public async ValueTask InitializeAsync()
    {
        var own = PrivateCertificate.Create(_files.PathOf("ca.pem"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(own)));
        _aws = builder.Build();
        _aws.Run(context => context.Response.WriteAsync(context.Request.Path == "/"
            ? $"""
                <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
                <SessionToken>t</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
                """
            : GatewayFixture.Success));
        await _aws.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _aws.DisposeAsync();
        await _proxy.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Wickr_and_STS_Are_called_through_the_proxy_and_its_password_is_nowhere_else()
    {
        await using var gateway = await StartAsync($"--Wickr:Proxy=http://user:pa%40ss@127.0.0.1:{_proxy.Port}", "--Wickr:RoleArn=arn:aws:iam::111111111111:role/wickr");
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Equal(2, _proxy.Heads.Count);
        Assert.All(_proxy.Heads, head => Assert.StartsWith($"CONNECT localhost:{Port} HTTP/1.1\r\n", head, StringComparison.Ordinal));
        Assert.DoesNotContain("pa%40ss", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pa@ss", gateway.Output, StringComparison.Ordinal);
        Assert.Contains($"proxy http://127.0.0.1:{_proxy.Port}", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_does_not_respond_Is_wickr_unreachable()
    {
        await using var gateway = await StartAsync("--Wickr:Proxy=http://127.0.0.1:1");
        using var client = gateway.Client();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task HTTPS_PROXY_alone_Is_not_used_and_the_start_says_so()
    {
        await using var gateway = await StartAsync("--Wickr:RoleArn=arn:aws:iam::111111111111:role/wickr");
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Empty(_proxy.Heads);
        Assert.Contains("HTTPS_PROXY is set, and the gateway does not use it", gateway.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "eu-central-1")]
    [InlineData("eu-west-1", "eu-west-1")]
    public async Task The_SDKs_own_calls_to_STS_Go_through_the_proxy_in_the_region_of_the_settings(string? awsRegion, string expected)
    {
        var environment = new Dictionary<string, string>
        {
            ["AWS_ROLE_ARN"] = "arn:aws:iam::111111111111:role/own",
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _files.Write("token", "a.b.c"),
        };
        if (awsRegion is not null)
            environment["AWS_REGION"] = awsRegion;

        await using var gateway = await GatewayProcess.StartAsync(
            new Uri($"https://localhost:{Port}"), environment, "--Wickr:Region=eu-central-1", $"--Wickr:Proxy=http://127.0.0.1:{_proxy.Port}");

        await HttpClientExtensions.UntilAsync(() => _proxy.Heads.Any(head => head.StartsWith($"CONNECT sts.{expected}.amazonaws.com:443 ", StringComparison.Ordinal)));
    }

    private int Port => new Uri(_aws.Urls.First()).Port;

    private Task<GatewayProcess> StartAsync(params string[] settings) => GatewayProcess.StartAsync(
        new Uri($"https://localhost:{Port}"),
        new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey,
            ["AWS_ENDPOINT_URL_STS"] = $"https://localhost:{Port}",
            ["HTTPS_PROXY"] = $"http://127.0.0.1:{_proxy.Port}",
            ["SSL_CERT_FILE"] = Path.Combine(_files.Directory.FullName, "ca.pem"),
        },
        settings);
}
