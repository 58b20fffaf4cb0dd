using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests.Limits;

/// <summary>A real redis-server on a free port of this host, with nothing on disk.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    private readonly string[] _arguments;
    private Process _process;

    private RedisServer(int port, string[] arguments)
    {
        (Port, _arguments) = (port, arguments);
        _process = Launch();
    }

    public int Port { get; }

    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public static void SkipWithoutRedis() => Assert.SkipUnless(Tool.IsThere(Program), "redis-server is not installed (Debian: redis-server)");

    /// <param name="arguments">In addition, as on the command line.</param>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        SkipWithoutRedis();
        var server = new RedisServer(FreePort(), arguments);
        await server.ListeningAsync();
        return server;
    }

    /// <summary>With TLS only.</summary>
    /// <param name="directory">Gets a certificate for 127.0.0.1 that signs itself, <c>redis.crt</c>.</param>
    public static async Task<RedisServer> StartWithTlsAsync(string directory)
    {
        SkipWithoutRedis();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(directory, "redis.crt"), Path.Combine(directory, "redis.key"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());

        var port = FreePort();
        var server = new RedisServer(port, ["--port", "0", "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no"]);
        await server.ListeningAsync();
        return server;
    }

    /// <summary>A client of the test's own.</summary>
    /// <param name="options">After the address, such as user and password.</param>
    public Task<ConnectionMultiplexer> ConnectAsync(string options = "") => ConnectionMultiplexer.ConnectAsync($"{Connection},allowAdmin=true,{options}");

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>On the same port and with empty memory.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = Launch();
        await ListeningAsync();
    }

    /// <summary>Connections stay open and nothing gets a response.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Launch()
    {
        var start = new ProcessStartInfo(Program, ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. _arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private Task ListeningAsync() => HttpClientExtensions.UntilAsync(async () =>
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
