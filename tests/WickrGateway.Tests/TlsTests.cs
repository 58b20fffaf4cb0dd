using System.Net;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>TLS in the gateway, with a certificate that is renewed while it runs.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task The_certificate_is_renewed_New_connections_get_it_with_its_authority_and_none_is_refused_and_a_call_under_way_is_finished()
    {
        using var certificate = new MountedCertificate("first");
        var released = new TaskCompletionSource();
        await using var wickr = new ScriptedUpstream().ThenAfter(released.Task, 200, HttpClientExtensions.Accepted);
        await using var gateway = await StartAsync(wickr.Address, certificate, "Kestrel:Endpoints:Https");
        Assert.Equal(["CN=first", "CN=authority of first"], await MountedCertificate.SentByAsync(gateway.Address));

        using var client = Client(gateway);
        var call = client.SuspendAsync();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);
        // Twice: a watch of the links that the first renewal replaces would miss the second one.
        foreach (var name in (string[])["second", "third"])
        {
            certificate.Renew(name);
            await HttpClientExtensions.UntilAsync(async () => (await MountedCertificate.SentByAsync(gateway.Address))[0] == $"CN={name}");
            Assert.Equal([$"CN={name}", $"CN=authority of {name}"], await MountedCertificate.SentByAsync(gateway.Address));
        }

        released.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await call).Status);
        Assert.Equal(2, gateway.StandardOutput.Count(line => line.Contains("certificate was reloaded", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_renewed_certificate_is_invalid_The_last_valid_one_stays_in_use_until_it_is_corrected()
    {
        using var certificate = new MountedCertificate("first");
        await using var wickr = new ScriptedUpstream();
        await using var gateway = await StartAsync(wickr.Address, certificate, "Kestrel:Endpoints:Https");

        var (second, _) = MountedCertificate.Create("second");
        certificate.Replace(second, MountedCertificate.Create("another").Key);
        await HttpClientExtensions.UntilAsync(() => gateway.StandardOutput.Any(line => line.Contains("certificate cannot be used", StringComparison.Ordinal)));
        Assert.Equal("CN=first", (await MountedCertificate.SentByAsync(gateway.Address))[0]);

        certificate.Renew("third");
        await HttpClientExtensions.UntilAsync(async () => (await MountedCertificate.SentByAsync(gateway.Address))[0] == "CN=third");
        Assert.DoesNotContain("PRIVATE KEY", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_certificate_is_renewed_An_endpoint_without_one_of_its_own_gets_it()
    {
        using var certificate = new MountedCertificate("first");
        await using var wickr = new ScriptedUpstream();
        await using var gateway = await GatewayProcess.StartAsync(
            wickr.Address,
            environment: null,
            "--urls=https://127.0.0.1:0",
            $"--Kestrel:Certificates:Default:Path={certificate.Path}",
            $"--Kestrel:Certificates:Default:KeyPath={certificate.KeyPath}");
        Assert.Equal("CN=first", (await MountedCertificate.SentByAsync(gateway.Address))[0]);

        certificate.Renew("second");
        await HttpClientExtensions.UntilAsync(async () => (await MountedCertificate.SentByAsync(gateway.Address))[0] == "CN=second");
    }

    private static Task<GatewayProcess> StartAsync(Uri wickr, MountedCertificate certificate, string endpoint) => GatewayProcess.StartAsync(
        wickr,
        environment: null,
        "--Wickr:MaxAttempts=1",
        "--Wickr:AttemptTimeout=00:01:00",
        "--Wickr:TotalTimeout=00:01:00",
        $"--{endpoint}:Url=https://127.0.0.1:0",
        $"--{endpoint}:Certificate:Path={certificate.Path}",
        $"--{endpoint}:Certificate:KeyPath={certificate.KeyPath}");

    private static HttpClient Client(GatewayProcess gateway)
    {
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Subject.StartsWith("CN=", StringComparison.Ordinal) } }) { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", GatewayHost.AllPowerfulKey);
        return client;
    }
}
