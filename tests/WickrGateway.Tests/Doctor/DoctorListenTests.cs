using System.Net;
using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Doctor;

/// <summary>Where the gateway would listen, and that a gateway which runs is not disturbed.</summary>
public sealed class DoctorListenTests : IAsyncDisposable
{
    private readonly ScriptedUpstream _wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);

    public ValueTask DisposeAsync() => _wickr.DisposeAsync();

    [Theory]
    [InlineData("urls", "http://127.0.0.1:0", "pass", "any free port, this host alone can reach it")]
    [InlineData("urls", "http://localhost:0", "pass", "any free port, this host alone can reach it")]
    [InlineData("urls", "http://*:0", "warn", "any free port, other hosts can reach it, by http: keys and tokens can be read on the way")]
    [InlineData("urls", "http://gateway.example.com:0", "warn", "any free port, other hosts can reach it, by http: keys and tokens can be read on the way")]
    [InlineData("urls", "https://*:0", "pass", "any free port, other hosts can reach it")]
    [InlineData("urls", "http://192.0.2.7:8080", "fail", "cannot be listened on: this host does not have the address")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "0", "warn", "any free port, other hosts can reach it, by http: keys and tokens can be read on the way")]
    [InlineData("Kestrel:Endpoints:Api:Url", "https://127.0.0.1:0", "pass", "any free port, this host alone can reach it")]
    public async Task An_address_Is_probed_as_the_server_would_bind_it(string key, string value, string status, string message)
    {
        var settings = DoctorRun.Settings(_wickr.Address);
        if (!key.StartsWith("Kestrel", StringComparison.Ordinal))
            settings.Remove("urls");

        settings[key] = value;

        var listen = (await DoctorRun.RunAsync(settings)).Of("listen");

        Assert.Equal((status, message), (listen.Status, listen.Message));
    }

    [Fact]
    public async Task A_proxy_in_front_is_trusted_Http_is_no_warning()
    {
        var settings = DoctorRun.Settings(_wickr.Address);
        settings["urls"] = "http://*:0";
        settings["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";

        Assert.Equal("any free port, other hosts can reach it, by http behind a proxy", (await DoctorRun.RunAsync(settings)).Of("listen").Message);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    public async Task Another_program_has_the_port_Fails(string host)
    {
        await using var other = new ScriptedUpstream().ThenAlways(200, "hello");
        var settings = DoctorRun.Settings(_wickr.Address);
        settings["urls"] = $"http://{host}:{other.Address.Port}";

        var listen = (await DoctorRun.RunAsync(settings)).Of("listen");

        Assert.Equal(("fail", "cannot be listened on: another program uses it"), (listen.Status, listen.Message));
        Assert.Contains("ss -ltnp", listen.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_is_taken_by_a_program_that_is_silent_Fails_all_the_same()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var settings = DoctorRun.Settings(_wickr.Address);
        settings["Management:Port"] = $"{((IPEndPoint)silent.LocalEndpoint).Port}";

        var management = (await DoctorRun.RunAsync(settings)).Report.Checks.Single(check => check.Subject?.StartsWith("Management", StringComparison.Ordinal) == true);

        Assert.Equal("fail", management.Status);
    }

    [Fact]
    public async Task A_gateway_runs_with_the_same_settings_Is_seen_and_not_disturbed()
    {
        using var files = new TemporaryFiles();
        string[] same = [$"--Audit:Path={files.PathOf("audit.jsonl")}", $"--Wickr:Endpoint={_wickr.Address}"];
        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, environment: null, [.. same, "--Management:Port=0"]);
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        var settings = DoctorRun.Settings(_wickr.Address);
        settings["urls"] = gateway.Address.AbsoluteUri.TrimEnd('/');
        settings["Management:Port"] = $"{gateway.ManagementAddress.Port}";
        var before = files.Lines("audit.jsonl");

        var run = await DoctorRun.RunAsync(settings, same);

        Assert.All(run.Report.Checks.Where(check => check.Check == "listen"), check => Assert.StartsWith("a gateway listens there already", check.Message, StringComparison.Ordinal));
        Assert.EndsWith("audit.jsonl can be written, a gateway writes it, and its chain ends where it was left", run.Of("audit-file").Message, StringComparison.Ordinal);
        Assert.Equal(before, files.Lines("audit.jsonl"));
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Empty(gateway.StandardError);
        Assert.DoesNotContain(gateway.StandardOutput, line => line.Contains("\"level\":\"Warning\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Critical\"", StringComparison.Ordinal));
        await using var verification = GatewayProcess.Start([], ["verify-audit", files.PathOf("audit.jsonl")]);
        Assert.Equal(0, await verification.ExitAsync());

        Assert.EndsWith("no gateway writes it, and its chain ends where it was left", (await DoctorRun.RunAsync(settings, same)).Of("audit-file").Message, StringComparison.Ordinal);
    }
}
