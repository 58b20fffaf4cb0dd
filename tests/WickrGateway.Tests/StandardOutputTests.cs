using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests;

/// <summary>Standard output without a reader, or none at all: no change without its audit line, and everything else goes on.</summary>
public sealed class StandardOutputTests : IAsyncDisposable
{
    private const string Refused = "audit-unavailable 503 not-applied";

    private readonly ScriptedUpstream _wickr = new();
    private readonly TemporaryFiles _files = new();
    private readonly Uri _address = new($"http://127.0.0.1:{FreePort()}");
    private readonly HttpClient _client;
    private Process? _gateway;

    public StandardOutputTests()
    {
        _client = new HttpClient { BaseAddress = _address, Timeout = GatewayProcess.Timeout };
        _client.DefaultRequestHeaders.Add("X-Api-Key", GatewayHost.AllPowerfulKey);
    }

    private string Pipe => Path.Combine(_files.Directory.FullName, "pipe");

    public async ValueTask DisposeAsync()
    {
        if (_gateway is { } gateway)
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync();
            gateway.Dispose();
        }

        _client.Dispose();
        await _wickr.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [InlineData("> /dev/full")]
    [InlineData(">&-")]
    [InlineData(">&- 2>&-")]
    public async Task Standard_output_cannot_be_written_Calls_are_refused_and_counted_and_nothing_is_sent(string redirection)
    {
        await StartAsync(redirection);

        for (var call = 0; call < 20; call++)
            Assert.Equal(Refused, (await _client.SuspendAsync()).Summary);

        await AssertHealthyAsync();
        Assert.Empty(_wickr.Received);
        // The requested and the completed line of each.
        Assert.Equal(40, MetricsPage.Parse(await _client.GetStringAsync("/metrics")).Sum("wickr_gateway_audit_failures_total"));
        await AssertEndsAsync();
    }

    [Fact]
    public async Task Nobody_reads_standard_output_Calls_are_refused_until_somebody_does_and_probes_go_on()
    {
        Shell.Run(_files.Directory, "mkfifo pipe");
        // Open for writing too, so that it does not wait for the gateway; nothing is written here.
        await using var reader = new FileStream(Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        await StartAsync("> pipe");

        var accepted = 0;
        while (await SuspendAsync() is "200")
            Assert.True(++accepted < 1000);

        // One of them waited for the reader. If all did, this would take a minute and a half.
        for (var call = 0; call < 20; call++)
            Assert.Equal(Refused, await SuspendAsync());

        Assert.Equal(accepted, _wickr.Received.Count);
        await AssertHealthyAsync();

        var lines = new MemoryStream();
        var reading = ReadAsync(reader, lines);
        await HttpClientExtensions.UntilAsync(async () => await SuspendAsync() is "200");
        await AssertEndsAsync();
        // The reader is a writer too, so the pipe itself does not end.
        await using (var end = new FileStream(Pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            end.Write(LastLine);

        await reading;
        var audit = System.Text.Encoding.UTF8.GetString(lines.ToArray()).Split('\n').Where(line => line.Contains("WickrGateway.Audit", StringComparison.Ordinal)).ToList();
        Assert.True(audit.Count(line => line.Contains("\"event\":\"requested\"", StringComparison.Ordinal)) >= accepted + 1);
        Assert.Contains(audit, line => line.Contains("\"problem\":\"audit-unavailable\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_reads_standard_output_SIGTERM_ends_the_gateway()
    {
        Shell.Run(_files.Directory, "mkfifo pipe");
        await using var reader = new FileStream(Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        await StartAsync("> pipe");
        while (await SuspendAsync() is "200")
        {
            // Until the pipe is full.
        }

        await AssertEndsAsync();
    }

    [Fact]
    public async Task The_reader_goes_away_and_another_comes_Calls_are_refused_in_between()
    {
        Shell.Run(_files.Directory, "mkfifo pipe");
        // The gateway's own end outlives the first reader, because the shell has opened it for both.
        var first = Task.Run(() => new FileStream(Pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        await StartAsync("> pipe");
        var reader = await first.WaitAsync(GatewayProcess.Timeout);
        Assert.Equal("200", await SuspendAsync());

        await reader.DisposeAsync();
        Assert.Equal(Refused, await SuspendAsync());
        Assert.Single(_wickr.Received);
        await AssertHealthyAsync();

        await using var second = new FileStream(Pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.Equal("200", await SuspendAsync());
        await AssertEndsAsync();
    }

    private async Task<string> SuspendAsync()
    {
        _wickr.Then(200, GatewayFixture.Success);
        return (await _client.SuspendAsync()).Summary;
    }

    private async Task AssertHealthyAsync()
    {
        foreach (var path in (string[])["/healthz", "/readyz", "/metrics"])
        {
            using var response = await _client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private async Task AssertEndsAsync()
    {
        Shell.Run(_files.Directory, $"kill -TERM {_gateway!.Id}");
        await _gateway.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        Assert.Equal(0, _gateway.ExitCode);
    }

    private async Task StartAsync(string redirection)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec dotnet \"$@\" {redirection}", "sh", Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), $"--urls={_address}"])
        {
            UseShellExecute = false,
            WorkingDirectory = _files.Directory.FullName,
        };
        start.Environment["Wickr__Region"] = "us-east-1";
        start.Environment["Wickr__Endpoint"] = _wickr.Address.AbsoluteUri;
        start.Environment["Auth__Callers__test__ApiKeySha256__0"] = GatewayHost.Sha256(GatewayHost.AllPowerfulKey);
        start.Environment["Auth__Callers__test__Networks__0"] = "*";
        start.Environment["Auth__Callers__test__Actions__0"] = "suspend";
        start.Environment["RateLimit__PermitsPerSecond"] = "100000";
        start.Environment["RateLimit__Burst"] = "100000";
        start.Environment["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey;
        _gateway = Process.Start(start)!;
        await HttpClientExtensions.UntilAsync(IsUpAsync);
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            return (await _client.GetAsync("/healthz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> LastLine => "the last line\n"u8;

    private static async Task ReadAsync(FileStream reader, MemoryStream lines)
    {
        var buffer = new byte[64 * 1024];
        while (!lines.GetBuffer().AsSpan(0, (int)lines.Length).EndsWith(LastLine))
            lines.Write(buffer, 0, await reader.ReadAsync(buffer, CancellationToken.None));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
