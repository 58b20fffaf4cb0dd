using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Benchmarks.Processes;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Gateway and simulator as processes, with callers and faults; the simulator is killed once and the gateway is restarted once.</summary>
/// <param name="hostFaults">Of <see cref="HostFaults"/>.</param>
internal sealed class ChaosRun(TimeSpan duration, int seed, IReadOnlySet<string> hostFaults) : IAsyncDisposable
{
    private const int Callers = 32;
    private const string ApiKey = "chaos-key";

    /// <summary>The gateway's deadline, short so that a short run reaches it often.</summary>
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Longer than the gateway waits for an audit line, in a run of 30 s or more.</summary>
    private static readonly TimeSpan MaxStall = TimeSpan.FromSeconds(7);

    private readonly RestartableProcess _simulator = new(ServerPlan.Built("WickrSimulator", []), upstream: null, output: static _ => { });
    private readonly NameServer? _nameServer = hostFaults.Contains(HostFaults.NameServer) ? NameServer.TryStart() : null;
    private readonly ChaosAudit _audit = new();
    private RestartableProcess? _gateway;

    public async Task<ChaosReport> RunAsync()
    {
        _gateway = CreateGateway();
        await _simulator.StartAsync();
        await _gateway.StartAsync();
        using var simulator = new HttpClient { BaseAddress = _simulator.Address };
        using var gateway = new HttpClient { BaseAddress = _gateway.Address, Timeout = TotalTimeout * 5 };
        gateway.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);

        var callers = Enumerable.Range(1, Callers).Select(user => new ChaosCaller(gateway, user, seed + user)).ToList();
        var faults = new ChaosFaults(seed);
        var requestLog = new ChaosRequestLog();
        var health = new ChaosHealthProbe(_gateway.Address);
        using var end = new CancellationTokenSource(duration);
        var calls = callers.Select(caller => Task.Run(() => caller.CallUntilAsync(end.Token))).Append(health.ProbeUntilAsync(end.Token)).ToList();

        await Task.WhenAll(InjectFaultsAsync(simulator, callers, faults, duration / 3, end.Token), SilenceNameServerAsync());
        await requestLog.ReadAndKillAsync(_simulator, simulator);
        await _simulator.StartAsync();
        var stall = StallOutputAsync();
        await Task.WhenAll(InjectFaultsAsync(simulator, callers, faults, duration / 4, end.Token), stall);
        var exitCodes = new List<int> { await _gateway.TerminateAsync() };
        await _gateway.StartAsync();
        await InjectFaultsAsync(simulator, callers, faults, duration / 6, end.Token);
        await KillGatewayAsync();
        // After the kill, so that no line can be missing because of it.
        ReplaceAuditFile();
        await InjectFaultsAsync(simulator, callers, faults, duration, end.Token);

        await Task.WhenAll(calls);
        await Task.WhenAll(callers.Select(caller => caller.MakeLastChangeAsync()));
        await requestLog.ReadAsync(simulator);
        var state = await ChaosRequestLog.ReadStateAsync(simulator);
        exitCodes.Add(await _gateway.TerminateAsync());
        return ChaosReport.Create(new ChaosFindings(
            seed, duration, TotalTimeout, [.. callers.SelectMany(caller => caller.Calls)], requestLog, state, faults.Posted, exitCodes,
            hostFaults, [.. SkippedFaults()], _audit.ReadAll(), _audit.CountMissingSinceReplacement(), health.Slowest, health.LongestDelay, await stall));
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _simulator.DisposeAsync();
        _nameServer?.Dispose();
        _audit.Dispose();
    }

    private IEnumerable<string> SkippedFaults() =>
        hostFaults.Contains(HostFaults.NameServer) && _nameServer is null ? [$"{HostFaults.NameServer} (needs root for a private /etc/resolv.conf, and port 53)"] : [];

    private async Task SilenceNameServerAsync()
    {
        if (_nameServer is null)
            return;

        await Task.Delay(duration / 12);
        _nameServer.IsSilent = true;
        await Task.Delay(duration / 5);
        _nameServer.IsSilent = false;
    }

    /// <summary>Returns when it began and ended, as <see cref="Stopwatch"/> counts; null when this fault is off.</summary>
    private async Task<(long Start, long End)?> StallOutputAsync()
    {
        if (!hostFaults.Contains(HostFaults.StandardOutput))
            return null;

        var start = Stopwatch.GetTimestamp();
        _gateway!.Output.Pause();
        await Task.Delay(duration / 4 < MaxStall ? duration / 4 : MaxStall);
        _gateway.Output.Resume();
        return (start, Stopwatch.GetTimestamp());
    }

    private async Task KillGatewayAsync()
    {
        if (!hostFaults.Contains(HostFaults.GatewayKill))
            return;

        await _gateway!.KillAsync();
        await _gateway.StartAsync();
    }

    private void ReplaceAuditFile()
    {
        if (hostFaults.Contains(HostFaults.AuditFile))
            _audit.Replace();
    }

    private static async Task InjectFaultsAsync(HttpClient simulator, List<ChaosCaller> callers, ChaosFaults faults, TimeSpan duration, CancellationToken end)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(end);
        timeout.CancelAfter(duration);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(timeout.Token))
                await faults.PostAsync(simulator, callers.Sum(caller => caller.Calls.Count), timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The duration is over.
        }
    }

    private RestartableProcess CreateGateway()
    {
        var plan = ServerPlan.Built("WickrGateway", Settings());
        return new RestartableProcess(_nameServer?.Use(plan) ?? plan, upstream: null, _audit.Add);
    }

    private string[] Settings() =>
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Region={SimulatorDefaults.Region}",
        $"--Wickr:Endpoint=http://{(_nameServer is null ? _simulator.Address.Host : NameServer.HostName)}:{_simulator.Address.Port}",
        $"--Audit:Path={_audit.Path}",
        "--Wickr:AttemptTimeout=00:00:00.7",
        $"--Wickr:TotalTimeout={TotalTimeout:hh\\:mm\\:ss}",
        // Fewer permits than callers, so that some calls exceed the limit.
        $"--Wickr:MaxConcurrency={Callers / 2}",
        $"--Wickr:QueueLimit={Callers / 4}",
        // Opens and half-opens quickly, so that the kill of the simulator opens it and the run goes on.
        "--Wickr:CircuitBreaker:SamplingDuration=00:00:01",
        "--Wickr:CircuitBreaker:FailureRatio=0.7",
        "--Wickr:CircuitBreaker:BreakDuration=00:00:00.5",
        $"--Auth:Callers:chaos:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}",
        $"--Auth:Callers:chaos:Networks:0={SimulatorDefaults.NetworkId}",
        "--Auth:Callers:chaos:Actions:0=suspend",
        "--Auth:Callers:chaos:Actions:1=unsuspend",
        "--RateLimit:PermitsPerSecond=100000",
        "--RateLimit:Burst=100000",
        "--RateLimit:Concurrency=100000",
    ];
}
