using System.Security.Cryptography;
using System.Text;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Gateway and simulator as processes, with callers and faults; the simulator is killed once and the gateway is restarted once.</summary>
internal sealed class ChaosRun(TimeSpan duration, int seed) : IAsyncDisposable
{
    private const int Callers = 32;
    private const string ApiKey = "chaos-key";

    /// <summary>The gateway's deadline, short so that a short run reaches it often.</summary>
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(3);

    private readonly ChaosProcess _simulator = new("WickrSimulator", []);
    private ChaosProcess? _gateway;

    public async Task<ChaosReport> RunAsync()
    {
        _gateway = CreateGateway(_simulator.Address);
        await _simulator.StartAsync();
        await _gateway.StartAsync();
        using var simulator = new HttpClient { BaseAddress = _simulator.Address };
        using var gateway = new HttpClient { BaseAddress = _gateway.Address, Timeout = TotalTimeout * 5 };
        gateway.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);

        var callers = Enumerable.Range(1, Callers).Select(user => new ChaosCaller(gateway, user, seed + user)).ToList();
        var faults = new ChaosFaults(seed);
        var requestLog = new ChaosRequestLog();
        using var end = new CancellationTokenSource(duration);
        var calls = callers.Select(caller => Task.Run(() => caller.CallUntilAsync(end.Token))).ToList();

        await InjectFaultsAsync(simulator, callers, faults, duration / 3, end.Token);
        await requestLog.ReadAndKillAsync(_simulator, simulator);
        await _simulator.StartAsync();
        await InjectFaultsAsync(simulator, callers, faults, duration / 4, end.Token);
        var exitCode = await _gateway.TerminateAsync();
        await _gateway.StartAsync();
        await InjectFaultsAsync(simulator, callers, faults, duration, end.Token);

        await Task.WhenAll(calls);
        await Task.WhenAll(callers.Select(caller => caller.MakeLastChangeAsync()));
        await requestLog.ReadAsync(simulator);
        var state = await ChaosRequestLog.ReadStateAsync(simulator);
        return ChaosReport.Create(new ChaosFindings(seed, duration, TotalTimeout, [.. callers.SelectMany(caller => caller.Calls)], requestLog, state, faults.Posted, exitCode));
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _simulator.DisposeAsync();
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

    private static ChaosProcess CreateGateway(Uri simulator) => new("WickrGateway",
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Region={SimulatorDefaults.Region}",
        $"--Wickr:Endpoint={simulator}",
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
    ]);
}
