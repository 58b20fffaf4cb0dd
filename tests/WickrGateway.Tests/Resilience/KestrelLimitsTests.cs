using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>How much one client may take of the server, on raw sockets. Idle and half-sent connections are in <see cref="ConnectionFloodTests"/>.</summary>
public sealed class KestrelLimitsTests
{
    private const string Route = "/networks/12345678/users/suspend-status";

    [Theory]
    [InlineData(15 * 1024, 401)]
    [InlineData(17 * 1024, 431)]
    public async Task Headers_of_more_than_16_KiB_Return_431(int length, int status) =>
        Assert.Equal(status, await StatusOfAsync($"POST {Route} HTTP/1.1\r\nHost: x\r\nX-Long: {new string('x', length)}\r\nContent-Length: 0\r\n\r\n"));

    [Theory]
    [InlineData(60, 401)]
    [InlineData(80, 431)]
    public async Task More_than_64_headers_Return_431(int count, int status) =>
        Assert.Equal(status, await StatusOfAsync($"POST {Route} HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: x\r\n"))}Content-Length: 0\r\n\r\n"));

    [Fact]
    public async Task Request_line_of_more_than_4_KiB_Returns_414() =>
        Assert.Equal(414, await StatusOfAsync($"POST /{new string('x', 5000)} HTTP/1.1\r\nHost: x\r\n\r\n"));

    [Fact]
    public async Task Body_arrives_too_slowly_Returns_408() =>
        Assert.Equal(408, await StatusOfAsync($"POST {Route} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {GatewayHost.AllPowerfulKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"));

    [Fact]
    public async Task Tls_client_offers_HTTP_2_Gets_HTTP_1_1()
    {
        var directory = Directory.CreateTempSubdirectory("certificate-");
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificatePath, keyPath) = (Path.Combine(directory.FullName, "tls.crt"), Path.Combine(directory.FullName, "tls.key"));
        await File.WriteAllTextAsync(certificatePath, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem());
        await using var gateway = GatewayHost.Start(new Uri("http://127.0.0.1:9"), new()
        {
            ["Kestrel:Endpoints:Tls:Url"] = "https://127.0.0.1:0",
            ["Kestrel:Endpoints:Tls:Certificate:Path"] = certificatePath,
            ["Kestrel:Endpoints:Tls:Certificate:KeyPath"] = keyPath,
        });

        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });

        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
        directory.Delete(recursive: true);
    }

    private static async Task<int> StatusOfAsync(string request)
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var response = new byte[12];
        var read = 0;
        while (read < response.Length)
        {
            var more = await socket.ReceiveAsync(response.AsMemory(read)).AsTask().WaitAsync(GatewayProcess.Timeout);
            if (more == 0)
                break;

            read += more;
        }

        return int.Parse(Encoding.ASCII.GetString(response, 0, read)[^3..]);
    }
}
