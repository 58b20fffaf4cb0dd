using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>What probes and Prometheus request is neither in the log nor in the traces, unless it fails or <c>Management:RecordProbes</c> is set.</summary>
public sealed class ProbeRecordTests
{
    private static readonly string[] Probes = ["/healthz", "/readyz", "/metrics"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Probes_and_scrapes_succeed_Make_no_line_and_no_span(bool hasManagementPort)
    {
        await using var collector = await Collector.StartAsync();
        await using var watched = await StartAsync(collector, hasManagementPort ? ["--Management:Port=0"] : []);
        await RequestProbesAsync(hasManagementPort ? watched.Gateway.ManagementAddress : watched.Gateway.Address);
        Assert.Equal(200, await watched.CallAsync());

        Assert.Equal(["/networks/{networkId}/users/suspend-status"], await EndAsync(watched));
        Assert.Contains("suspend-status", collector.Text("traces"), StringComparison.Ordinal);
        foreach (var probe in Probes)
            Assert.DoesNotContain($"GET {probe}", collector.Text("traces"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RecordProbes_is_set_Each_has_a_line(bool hasManagementPort)
    {
        await using var collector = await Collector.StartAsync();
        await using var watched = await StartAsync(collector, hasManagementPort ? ["--Management:Port=0", "--Management:RecordProbes=true"] : ["--Management:RecordProbes=true"]);
        await RequestProbesAsync(hasManagementPort ? watched.Gateway.ManagementAddress : watched.Gateway.Address);

        Assert.Equal(Probes, await EndAsync(watched));
        foreach (var probe in Probes)
            Assert.Contains($"GET {probe}", collector.Text("traces"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_fails_Has_its_line_with_status_and_trace_id(bool hasManagementPort)
    {
        await using var gateway = await GatewayProcess.StartAsync(new Uri("http://127.0.0.1:9"), [], hasManagementPort ? ["--Management:Port=0"] : []);

        var response = await RawHttp.SendAsync(hasManagementPort ? gateway.ManagementAddress : gateway.Address, ["GET /readyz HTTP/1.1"]);

        Assert.Equal(503, response.Status);
        await HttpClientExtensions.UntilAsync(() => Lines(gateway).Count == 1);
        var line = Lines(gateway).Single();
        Assert.Equal(("/readyz", 503, response.Header("X-Trace-Id")), (line.GetProperty("route").GetString(), line.GetProperty("status").GetInt32(), line.GetProperty("traceId").GetString()));
    }

    [Fact]
    public async Task Another_path_or_method_on_the_probes_listener_Has_its_line()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Management:Port=0");

        await RawHttp.SendAsync(watched.Gateway.ManagementAddress, ["GET /nowhere HTTP/1.1"]);
        await RawHttp.SendAsync(watched.Gateway.ManagementAddress, ["DELETE /metrics HTTP/1.1"]);

        await HttpClientExtensions.UntilAsync(() => Lines(watched.Gateway).Count == 2);
        Assert.Equal([404, 405], Lines(watched.Gateway).Select(line => line.GetProperty("status").GetInt32()));
    }

    private static Task<WatchedGateway> StartAsync(Collector collector, string[] settings) => WatchedGateway.StartAsync(
        new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        },
        settings);

    private static async Task RequestProbesAsync(Uri address)
    {
        foreach (var probe in Probes)
            Assert.Equal(200, (await RawHttp.SendAsync(address, [$"GET {probe} HTTP/1.1"])).Status);
    }

    /// <summary>The routes of all request lines, after everything has been written and exported.</summary>
    private static async Task<IEnumerable<string?>> EndAsync(WatchedGateway watched)
    {
        await watched.Gateway.TerminateAsync();
        Assert.Equal(0, await watched.Gateway.ExitAsync());
        return Lines(watched.Gateway).Select(line => line.GetProperty("route").GetString());
    }

    private static List<JsonElement> Lines(GatewayProcess gateway) =>
        [.. gateway.StandardOutput.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("source", out var source) && source.GetString() == "WickrGateway.Requests")];
}
