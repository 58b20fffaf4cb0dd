using System.Security.Cryptography;
using System.Text;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Gateway and simulator as processes, callers and faults around them, one kill and one restart in the middle.</summary>
internal sealed class ChaosRun(TimeSpan duration, int seed) : IAsyncDisposable
{
    private const int Callers = 32;
    private const string ApiKey = "chaos-key";

    /// <summary>Of the gateway, short so that a short run meets it often.</summary>
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(3);

    private readonly ChaosProcess _simulator = new("WickrSimulator", []);
    private ChaosProcess? _gateway;

    public async Task<ChaosReport> RunAsync()
    {
        _gateway = Gateway(_simulator.Address);
        await _simulator.StartAsync();
        await _gateway.StartAsync();
        using var simulator = new HttpClient { BaseAddress = _simulator.Address };
        using var gateway = new HttpClient { BaseAddress = _gateway.Address, Timeout = TotalTimeout * 5 };
        gateway.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);

        var callers = Enumerable.Range(1, Callers).Select(user => new ChaosCaller(gateway, user, seed + user)).ToList();
        var faults = new ChaosFaults(seed);
        var journal = new ChaosJournal();
        using var end = new CancellationTokenSource(duration);
        var calling = callers.Select(caller => Task.Run(() => caller.CallUntilAsync(end.Token))).ToList();

        await BreakThingsAsync(simulator, callers, faults, duration / 3, end.Token);
        await journal.ReadAndKillAsync(_simulator, simulator);
        await _simulator.StartAsync();
        await BreakThingsAsync(simulator, callers, faults, duration / 4, end.Token);
        var exitCode = await _gateway.TerminateAsync();
        await _gateway.StartAsync();
        await BreakThingsAsync(simulator, callers, faults, duration, end.Token);

        await Task.WhenAll(calling);
        await Task.WhenAll(callers.Select(caller => caller.LastAsync()));
        await journal.ReadAsync(simulator);
        var state = await ChaosJournal.StateAsync(simulator);
        return ChaosReport.Of(new ChaosFindings(seed, duration, TotalTimeout, [.. callers.SelectMany(caller => caller.Calls)], journal, state, faults.Posted, exitCode));
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _simulator.DisposeAsync();
    }

    private static async Task BreakThingsAsync(HttpClient simulator, List<ChaosCaller> callers, ChaosFaults faults, TimeSpan span, CancellationToken end)
    {
        using var during = CancellationTokenSource.CreateLinkedTokenSource(end);
        during.CancelAfter(span);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(during.Token))
                await faults.PostAsync(simulator, callers.Sum(caller => caller.Calls.Count), during.Token);
        }
        catch (OperationCanceledException)
        {
            // The span is over.
        }
    }

    private static ChaosProcess Gateway(Uri simulator) => new("WickrGateway",
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Region={WickrSimulator.SimulatorDefaults.Region}",
        $"--Wickr:Endpoint={simulator}",
        "--Wickr:AttemptTimeout=00:00:00.7",
        $"--Wickr:TotalTimeout={TotalTimeout:hh\\:mm\\:ss}",
        // Fewer places than callers, so that some of them meet the limit.
        $"--Wickr:MaxConcurrency={Callers / 2}",
        $"--Wickr:QueueLimit={Callers / 4}",
        // Quick to open, so that the killed simulator opens it, and quick to try again.
        "--Wickr:CircuitBreaker:SamplingDuration=00:00:01",
        "--Wickr:CircuitBreaker:FailureRatio=0.7",
        "--Wickr:CircuitBreaker:BreakDuration=00:00:00.5",
        $"--Auth:Callers:chaos:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}",
        $"--Auth:Callers:chaos:Networks:0={WickrSimulator.SimulatorDefaults.NetworkId}",
        "--Auth:Callers:chaos:Actions:0=suspend",
        "--Auth:Callers:chaos:Actions:1=unsuspend",
        "--RateLimit:PermitsPerSecond=100000",
        "--RateLimit:Burst=100000",
    ]);
}
