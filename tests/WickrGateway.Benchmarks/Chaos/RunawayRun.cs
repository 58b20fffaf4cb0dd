using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Benchmarks.Processes;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>
/// Callers that run wild against suspend limits, with faults at Wickr. The gateway is not killed or restarted here: it keeps its counts in
/// memory, so a restart lets as many users through again, as its README says.
/// </summary>
internal sealed class RunawayRun(int seed) : IAsyncDisposable
{
    public const int PerCaller = 200;

    /// <summary>Less than the callers together may suspend, so that both limits are reached.</summary>
    public const int PerNetwork = 500;

    /// <summary>In each network, from 1 to this; more than the callers can ask for.</summary>
    public const int Users = 200_000;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    private const int Callers = 4;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);
    private static readonly string[] Networks = ["11111111", "22222222"];

    private readonly RestartableProcess _simulator = new(
        ServerPlan.Built("WickrSimulator", [.. Networks.Select(network => $"--Simulator:Networks:{network}={Users}")]), upstream: null, output: static _ => { });

    private RestartableProcess? _gateway;
    private int _lastUser;

    public async Task<RunawayReport> RunAsync()
    {
        await _simulator.StartAsync();
        _gateway = new RestartableProcess(ServerPlan.Built("WickrGateway", Settings()), upstream: null, static _ => { });
        await _gateway.StartAsync();
        using var simulator = new HttpClient { BaseAddress = _simulator.Address };
        var callers = Enumerable.Range(0, Callers)
            .Select(caller => new RunawayCaller(NameOf(caller), _gateway.Address, KeyOf(caller), () => Interlocked.Increment(ref _lastUser), seed + (caller * 100)))
            .ToList();
        try
        {
            var faults = new ChaosFaults(seed);
            using (var end = new CancellationTokenSource(Duration))
            {
                var calls = callers.Select(caller => caller.RunWildUntilAsync(Networks, end.Token)).ToList();
                await InjectFaultsAsync(simulator, faults, callers, end.Token);
                await Task.WhenAll(calls);
            }

            var requests = (await simulator.GetFromJsonAsync<ChaosRequests>("/_simulator/requests"))!.Requests;
            var withoutRoom = await CountWithoutRoomAsync(simulator, callers);
            return RunawayReport.Create(requests, [.. callers.SelectMany(caller => caller.Responses)], faults.Posted, withoutRoom, await _gateway.TerminateAsync());
        }
        finally
        {
            callers.ForEach(caller => caller.Dispose());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _simulator.DisposeAsync();
    }

    private static async Task InjectFaultsAsync(HttpClient simulator, ChaosFaults faults, List<RunawayCaller> callers, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                await faults.PostAsync(simulator, callers.Sum(caller => caller.Responses.Count(response => response.Scope is null)), end);
        }
        catch (OperationCanceledException)
        {
            // The duration is over.
        }
    }

    /// <summary>A window later and without faults, each caller can suspend as many users again as fit into one request.</summary>
    private async Task<int> CountWithoutRoomAsync(HttpClient simulator, List<RunawayCaller> callers)
    {
        using var reset = await simulator.PostAsync("/_simulator/reset", content: null);
        reset.EnsureSuccessStatusCode();
        await Task.Delay(Window);
        var responses = await Task.WhenAll(callers.Select(caller => caller.SuspendAsync(Networks[0], Enumerable.Range(0, 50).Select(_ => Interlocked.Increment(ref _lastUser)))));
        return responses.Count(response => response.Kind != "200");
    }

    private static string NameOf(int caller) => $"wild{caller}";

    private static string KeyOf(int caller) => $"chaos-key-of-caller-{caller}";

    private string[] Settings() =>
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Region={SimulatorDefaults.Region}",
        $"--Wickr:Endpoint={_simulator.Address}",
        "--Wickr:AttemptTimeout=00:00:00.5",
        "--Wickr:TotalTimeout=00:00:02",
        "--Wickr:CircuitBreaker:SamplingDuration=00:00:01",
        "--Wickr:CircuitBreaker:FailureRatio=0.7",
        "--Wickr:CircuitBreaker:BreakDuration=00:00:00.5",
        $"--Policy:SuspendLimit:PerCaller={PerCaller}",
        $"--Policy:SuspendLimit:PerNetwork={PerNetwork}",
        $"--Policy:SuspendLimit:Window={Window:c}",
        "--RateLimit:PermitsPerSecond=100000",
        "--RateLimit:Burst=100000",
        .. Enumerable.Range(0, Callers).SelectMany(caller => (string[])
        [
            $"--Auth:Callers:{NameOf(caller)}:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(caller))))}",
            $"--Auth:Callers:{NameOf(caller)}:Networks:0=*",
            $"--Auth:Callers:{NameOf(caller)}:Actions:0=suspend",
        ]),
    ];
}
