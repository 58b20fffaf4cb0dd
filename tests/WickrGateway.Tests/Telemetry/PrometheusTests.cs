using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using WickrGateway.Tests.Deploy;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>Debian's Prometheus scrapes a gateway under load and faults, and its figures match what happened.</summary>
public sealed class PrometheusTests
{
    [Fact]
    public async Task Gateway_is_scraped_under_load_Prometheus_figures_match_the_load()
    {
        Assert.SkipUnless(Tool.IsThere("prometheus"), "prometheus (Debian's package) is not there");
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Wickr:CircuitBreaker:Enabled=false");
        await using var prometheus = await Prometheus.StartAsync(watched.Gateway.Address);

        var responses = new List<int>();
        for (var calls = 0; calls < 120; calls++)
        {
            if (calls % 16 == 0)
                await watched.FaultAsync(new { status = 500 });

            responses.Add(await watched.CallAsync("""{"suspend":true,"userIds":["1","2","999"]}""", key: calls % 4 == 3 ? "wrong" : GatewayHost.AllPowerfulKey));
        }

        await watched.FaultAsync(new { status = 503, count = 6 });
        responses.Add(await watched.CallAsync());
        responses.Add(await watched.CallAsync());
        await prometheus.UntilAsync("sum(wickr_gateway_calls_total)", 122);

        var ok = responses.Count(status => status == 200);
        Assert.Equal(90, ok);
        Assert.Equal(ok, await prometheus.QueryAsync("""sum(wickr_gateway_calls_total{problem="none"})"""));
        Assert.Equal(30, await prometheus.QueryAsync("""sum(wickr_gateway_calls_total{problem="unauthenticated",caller="none"})"""));
        Assert.Equal(2, await prometheus.QueryAsync("""sum(wickr_gateway_calls_total{problem="wickr-failed",caller="test",network="12345678",action="suspend"})"""));
        Assert.Equal(2 * ok, await prometheus.QueryAsync("""sum(wickr_gateway_users_total{result="successful"})"""));
        Assert.Equal(ok, await prometheus.QueryAsync("""sum(wickr_gateway_users_total{result="failed"})"""));
        Assert.Equal(8 + 6, await prometheus.QueryAsync("""sum(wickr_gateway_upstream_duration_seconds_count{result="server-error"})"""));
        Assert.Equal(ok, await prometheus.QueryAsync("""sum(wickr_gateway_upstream_duration_seconds_bucket{result="accepted",le="+Inf"})"""));
        Assert.Equal(8 + 4, await prometheus.QueryAsync("sum(wickr_gateway_retries_total)"));
        Assert.Equal(ok + 2, await prometheus.QueryAsync("sum(wickr_gateway_attempts_count)"));
        Assert.Equal(ok + 8 + 6, await prometheus.QueryAsync("sum(wickr_gateway_attempts_sum)"));
        Assert.Equal(122, await prometheus.QueryAsync("""sum(http_server_request_duration_seconds_count{http_route="/networks/{networkId}/users/suspend-status"})"""));
        Assert.Equal(1, await prometheus.QueryAsync("up"));

        // The alert rules work on these figures: the next failures are an increase, and five of them are a page.
        for (var failures = 2; failures < 5; failures++)
        {
            await watched.FaultAsync(new { status = 503, count = 3 });
            Assert.Equal(502, await watched.CallAsync());
        }

        await prometheus.UntilAsync("count(wickr_gateway:error_ratio:rate5m > 0.001)", 1);
        await prometheus.UntilAsync("""count(ALERTS{alertname="WickrGatewayErrorBudgetBurnsFast",alertstate="firing"})""", 1);

        // A single refusal of the gateway's own rights is a page of its own.
        Assert.Equal(double.NaN, await prometheus.QueryAsync("""ALERTS{alertname="WickrDeniesTheGateway"}"""));
        await watched.FaultAsync(new { status = 403, errorType = "AccessDeniedException" });
        Assert.Equal(502, await watched.CallAsync());
        await prometheus.UntilAsync("""count(ALERTS{alertname="WickrDeniesTheGateway",alertstate="firing"})""", 1);
    }

    private sealed class Prometheus : IAsyncDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("prometheus").FullName;
        private readonly HttpClient _client = new();
        private Process? _process;

        public static async Task<Prometheus> StartAsync(Uri gateway)
        {
            var prometheus = new Prometheus();
            await File.WriteAllTextAsync(Path.Combine(prometheus._directory, "prometheus.yml"), $$"""
                global: { scrape_interval: 1s, evaluation_interval: 1s }
                rule_files: ["{{Repository.PathOf("deploy", "prometheus", "alerts.yml")}}"]
                scrape_configs:
                  - job_name: wickr-gateway
                    static_configs: [{ targets: ["{{gateway.Authority}}"] }]
                """);
            var port = FreePort();
            prometheus._client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
            prometheus._process = Process.Start(new ProcessStartInfo(
                "prometheus",
                [$"--config.file={prometheus._directory}/prometheus.yml", $"--storage.tsdb.path={prometheus._directory}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
            {
                UseShellExecute = false,
            });
            await prometheus.UntilAsync("up", 1);
            return prometheus;
        }

        public async Task<double> QueryAsync(string query)
        {
            using var response = JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}"));
            var result = response.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 1 ? double.Parse(result[0].GetProperty("value")[1].GetString()!) : double.NaN;
        }

        public async Task UntilAsync(string query, double value)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(45));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (await TryQueryAsync(query) is var last && last != value)
                Assert.True(!deadline.IsCancellationRequested && await timer.WaitForNextTickAsync(), $"{query} is {last}, not {value}");
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            if (_process is { } process)
            {
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
            }

            Directory.Delete(_directory, recursive: true);
        }

        /// <summary>Prometheus needs a moment to listen and another to be ready.</summary>
        private async Task<double> TryQueryAsync(string query)
        {
            try
            {
                return await QueryAsync(query);
            }
            catch (HttpRequestException)
            {
                return double.NaN;
            }
        }

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }
}
