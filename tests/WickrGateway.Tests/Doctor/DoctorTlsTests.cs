using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Doctor;

/// <summary>TLS to Wickr, with private authorities and through a proxy.</summary>
public sealed class DoctorTlsTests : IAsyncLifetime
{
    private readonly TemporaryFiles _files = new();
    private WebApplication _wickr = null!;

    public async ValueTask InitializeAsync()
    {
        var certificate = PrivateCertificate.Create(_files.PathOf("ca.pem"));
        var builder = WebApplication.CreateSlimBuilder(["--Logging:LogLevel:Default=None"]);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(certificate)));
        _wickr = builder.Build();
        _wickr.Run(context => context.Response.WriteAsync("{}"));
        await _wickr.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task The_authority_is_trusted_Names_the_protocol_and_the_end_of_the_certificate()
    {
        var run = await RunAsync(trusts: true);

        Assert.Equal("warn credentials", run.Findings);
        Assert.Matches(@"^Tls1[23], certificate valid until ", run.Of("tls").Message);
    }

    [Fact]
    public async Task The_authority_is_not_trusted_Fails_with_the_reason_and_the_variable()
    {
        var run = await RunAsync(trusts: false);

        Assert.Equal("warn credentials, fail tls, skip clock, skip network", run.Findings);
        Assert.Equal("the certificate of localhost is not accepted: RemoteCertificateChainErrors (UntrustedRoot)", run.Of("tls").Message);
        Assert.Contains("SSL_CERT_FILE", run.Of("tls").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_for_another_host_Fails_with_the_reason()
    {
        var run = await RunAsync(trusts: true, host: "127.0.0.1");

        Assert.Equal("the certificate of 127.0.0.1 is not accepted: RemoteCertificateNameMismatch", run.Of("tls").Message);
    }

    [Fact]
    public async Task The_endpoint_speaks_no_TLS_Fails()
    {
        await using var plain = new ScriptedUpstream().ThenRawAndClose("HTTP/1.1 400 Bad Request\r\n\r\n");
        var settings = DoctorRun.Settings(new Uri($"https://127.0.0.1:{plain.Address.Port}"), new Uri("http://127.0.0.1:1"));
        settings["Wickr:AttemptTimeout"] = "00:00:01";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal("fail", run.Of("tls").Status);
    }

    [Fact]
    public async Task A_proxy_is_configured_Everything_goes_through_it_and_its_password_is_not_printed()
    {
        await using var proxy = new ConnectProxy();
        var run = await RunAsync(trusts: true, proxy: $"http://user:pa%40ss@127.0.0.1:{proxy.Port}");

        Assert.Equal("warn credentials", run.Findings);
        Assert.Equal($"the proxy 127.0.0.1 accepts connections on port {proxy.Port}", run.Of("connection").Message);
        Assert.True(proxy.Heads.Count >= 2);
        Assert.DoesNotContain("pa%40ss", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pa@ss", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proxy_refuses_the_tunnel_Fails_with_its_status()
    {
        await using var proxy = new ScriptedUpstream().ThenAlways(403, "");
        var run = await RunAsync(trusts: true, proxy: proxy.Address.AbsoluteUri);

        Assert.Equal("warn credentials, fail tls, skip clock, skip network", run.Findings);
        Assert.Equal("the proxy refuses the tunnel with status 403", run.Of("tls").Message);
    }

    private Task<DoctorRun> RunAsync(bool trusts, string host = "localhost", string? proxy = null)
    {
        var settings = DoctorRun.Settings(new Uri($"https://{host}:{new Uri(_wickr.Urls.First()).Port}"), new Uri("https://127.0.0.1:1"));
        settings["HTTPS_PROXY"] = "";
        if (trusts)
            settings["SSL_CERT_FILE"] = _files.PathOf("ca.pem");

        if (proxy is not null)
            settings["Wickr:Proxy"] = proxy;

        return DoctorRun.RunAsync(settings);
    }
}
