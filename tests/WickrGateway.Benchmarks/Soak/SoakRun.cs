using System.Diagnostics;
using System.Text.Json;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>The published gateway and the simulator as processes, the load on them, and the samples taken meanwhile.</summary>
internal sealed class SoakRun : IAsyncDisposable
{
    /// <summary>Small, so that files are rolled often and a handle that is left open shows.</summary>
    private const int MaxAuditFileBytes = 1 << 20;

    /// <summary>The simulator's request log drops older entries beyond it.</summary>
    private const int MaxRequestLog = 100_000;

    private static readonly TimeSpan MaxSampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MetricsTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _duration;
    private readonly int _rate;
    private readonly string _program;
    private readonly DirectoryInfo _auditFolder = Directory.CreateTempSubdirectory("wickr-gateway-soak-");
    private readonly SoakAudit _output = new();
    private readonly RestartableProcess _simulator = new(ServerPlan.Built("WickrSimulator", []), upstream: null, output: static _ => { });
    private readonly RestartableProcess _gateway;

    public SoakRun(PublishedGateway gateway, TimeSpan duration, int rate)
    {
        _duration = duration;
        _rate = rate;
        _program = Path.Combine(gateway.Folder, "WickrGateway");
        var plan = gateway.Plan("WickrGateway", [
            .. ServerPlan.SimulatorCredentials,
            ("Audit__Path", Path.Combine(_auditFolder.FullName, "audit.jsonl")),
            ("Audit__MaxFileBytes", $"{MaxAuditFileBytes}"),
            // The load's failed authentications all come from one address.
            ("RateLimit__FailuresPerMinute", "1000000")]);
        _gateway = new RestartableProcess(plan, _simulator.Address, _output.Add);
    }

    public async Task<SoakReport> RunAsync()
    {
        await _simulator.StartAsync();
        await _gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = _gateway.Address };
        using var load = new SoakLoad(_gateway.Address, _rate);
        var samples = new SoakSamples(new ProcessMeter(_gateway.Id));
        var interval = _duration / 60 < MaxSampleInterval ? _duration / 60 : MaxSampleInterval;

        var running = load.RunAsync(_duration);
        using var timer = new PeriodicTimer(interval);
        while (!running.IsCompleted)
        {
            samples.Take();
            // As Prometheus does, which is a part of the load.
            await ReadMetricsAsync(client);
            await timer.WaitForNextTickAsync();
        }

        await running;
        var metrics = await ReadFinalMetricsAsync(client, load.Responses.Values.Sum());
        var exitCode = await _gateway.TerminateAsync();
        // By name they are in the order of their lines: a time stands before the current file's suffix.
        var files = Directory.GetFiles(_auditFolder.FullName, "*.jsonl").Order(StringComparer.Ordinal).ToList();
        var counts = SoakCount.Compare(load.Responses, metrics, _output, SoakAudit.OfFiles(files), await CountSimulatorRequestsAsync());
        return SoakReport.Create(new SoakFindings(_duration, _rate, interval, samples.Measure(), counts, files.Count, exitCode, await VerifyAsync(files)));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _simulator.DisposeAsync();
        _auditFolder.Delete(recursive: true);
    }

    private static async Task<SoakMetrics> ReadMetricsAsync(HttpClient client) => SoakMetrics.Parse(await client.GetStringAsync("/metrics"));

    /// <summary>The page is cached for a moment, so it may not have the last calls yet.</summary>
    private static async Task<SoakMetrics> ReadFinalMetricsAsync(HttpClient client, int calls)
    {
        var clock = Stopwatch.StartNew();
        SoakMetrics metrics;
        do
            metrics = await ReadMetricsAsync(client);
        while (metrics.Calls.Values.Sum() != calls && clock.Elapsed < MetricsTimeout);
        return metrics;
    }

    /// <summary>Null when there may have been more than the simulator remembers.</summary>
    private async Task<int?> CountSimulatorRequestsAsync()
    {
        using var client = new HttpClient { BaseAddress = _simulator.Address };
        using var log = await JsonDocument.ParseAsync(await client.GetStreamAsync("/_simulator/requests"));
        var count = log.RootElement.GetProperty("requests").GetArrayLength();
        return count < MaxRequestLog ? count : null;
    }

    private async Task<int> VerifyAsync(List<string> files)
    {
        using var verification = Process.Start(new ProcessStartInfo(_program, ["verify-audit", .. files]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        await verification.StandardOutput.ReadToEndAsync();
        await verification.WaitForExitAsync();
        return verification.ExitCode;
    }
}
