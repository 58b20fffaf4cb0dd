using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Benchmarks.Processes;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>
/// Callers with long lists, which resume them until they are complete, while Wickr fails and the gateway is killed and restarted. At the end every
/// user must have the desired state, and no token may have been used for two changes.
/// </summary>
internal sealed class BulkRun(int seed) : IAsyncDisposable
{
    private const int Callers = 3;
    private const int UsersPerCaller = 1000;
    private const string Network = SimulatorDefaults.NetworkId;
    private const string ApiKey = "chaos-key-for-long-lists";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(2);

    private readonly RestartableProcess _simulator = new(ServerPlan.Built("WickrSimulator", [$"--Simulator:Networks:{Network}={Callers * UsersPerCaller}"]), upstream: null, output: static _ => { });
    private RestartableProcess? _gateway;

    public async Task<(string Text, bool Passed)> RunAsync()
    {
        await _simulator.StartAsync();
        _gateway = new RestartableProcess(ServerPlan.Built("WickrGateway", Settings()), upstream: null, static _ => { });
        await _gateway.StartAsync();
        using var simulator = new HttpClient { BaseAddress = _simulator.Address };
        using var gateway = new HttpClient { BaseAddress = _gateway.Address, Timeout = TimeSpan.FromMinutes(2) };
        gateway.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);

        var callers = Enumerable.Range(0, Callers).Select(caller => new BulkCaller(gateway, Network, (caller * UsersPerCaller) + 1, UsersPerCaller)).ToList();
        using var end = new CancellationTokenSource(Duration);
        var runs = callers.Select(caller => caller.ChangeUntilAsync(end.Token)).ToList();
        var faults = InjectFaultsAsync(simulator, end.Token);
        var restarts = await RestartUntilAsync(end.Token);
        await Task.WhenAll([.. runs, faults]);

        var requests = (await simulator.GetFromJsonAsync<BulkRequests>("/_simulator/requests"))!.Requests;
        var users = (await simulator.GetFromJsonAsync<BulkUsers>($"/_simulator/networks/{Network}/users"))!.Users;
        var exitCode = await _gateway.TerminateAsync();
        return Report(callers, requests, users, restarts, exitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _simulator.DisposeAsync();
    }

    private static (string Text, bool Passed) Report(List<BulkCaller> callers, IReadOnlyList<BulkRequest> requests, IReadOnlyList<BulkUser> users, int restarts, int exitCode)
    {
        var desired = callers.SelectMany(caller => caller.DesiredStates).ToDictionary(user => user.UserId, user => user.Suspended, StringComparer.Ordinal);
        var changes = requests.GroupBy(request => request.ClientToken, StringComparer.Ordinal).ToList();
        var table = new ReportTable()
            .Row("lists completed", $"{callers.Sum(caller => caller.Completed)}")
            .Row("requests that were cut off or stopped, and sent again", $"{callers.Sum(caller => caller.Resumed)}")
            .Row("kills and restarts of the gateway", $"{restarts}")
            .Row("batches sent to Wickr", $"{requests.Count}");
        var errors = new ReportErrors(table);
        errors.Add("users without the desired state", users.Count(user => user.Suspended != desired[user.UserId]));
        errors.Add("tokens used for two changes", changes.Count(token => token.Select(request => $"{request.Suspend} {string.Join(',', request.UserIds)}").Distinct(StringComparer.Ordinal).Count() > 1));
        errors.Add("changes made twice", changes.Count(token => token.Count(request => request.Effect) > 1));
        errors.Add("summaries whose counts do not add up", callers.Sum(caller => caller.WrongSummaries));
        errors.Add("responses that no caller may get", callers.Sum(caller => caller.Unexpected));
        errors.Add("faults that had no effect", callers.Sum(caller => caller.Resumed) > 0 && restarts > 1 ? 0 : 1);
        errors.Add("exit codes other than 0", exitCode == 0 ? 0 : 1);
        return ($"{table}{(errors.Sum == 0 ? "Passed." : "FAILED.")}{Environment.NewLine}", errors.Sum == 0);
    }

    /// <summary>Kills and terminates the gateway in turn.</summary>
    /// <returns>How often.</returns>
    private async Task<int> RestartUntilAsync(CancellationToken end)
    {
        var restarts = 0;
        using var timer = new PeriodicTimer(KillInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                if (restarts++ % 2 == 0)
                    await _gateway!.KillAsync();
                else
                    await _gateway!.TerminateAsync();

                await _gateway.StartAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The duration is over.
        }

        return restarts;
    }

    private async Task InjectFaultsAsync(HttpClient simulator, CancellationToken end)
    {
        var random = new Random(seed);
        string[] faults = ["""{"status":500,"when":"after"}""", """{"status":503}""", """{"kind":"reset","when":"after"}""", """{"kind":"truncate","when":"after"}""", """{"status":429,"errorType":"RateLimitError"}""", """{"delayMs":300}"""];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                await simulator.PostAsync("/_simulator/faults", new StringContent(faults[random.Next(faults.Length)], Encoding.UTF8, "application/json"), CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The duration is over.
        }
    }

    private string[] Settings() =>
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Region={SimulatorDefaults.Region}",
        $"--Wickr:Endpoint={_simulator.Address}",
        // Few retries, so that runs stop often.
        "--Wickr:MaxAttempts=2",
        "--Wickr:AttemptTimeout=00:00:00.5",
        "--Wickr:TotalTimeout=00:00:02",
        "--RateLimit:PermitsPerSecond=100",
        "--Policy:SuspendLimit:PerCaller=0",
        "--Policy:SuspendLimit:PerNetwork=0",
        $"--RateLimit:Bulk={Callers}",
        $"--Auth:Callers:chaos:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}",
        "--Auth:Callers:chaos:Networks:0=*",
        "--Auth:Callers:chaos:Actions:0=suspend",
        "--Auth:Callers:chaos:Actions:1=unsuspend",
    ];

    private sealed record BulkRequests(IReadOnlyList<BulkRequest> Requests);

    internal sealed record BulkRequest(string ClientToken, bool Suspend, IReadOnlyList<string> UserIds, bool Effect);

    private sealed record BulkUsers(IReadOnlyList<BulkUser> Users);

    internal sealed record BulkUser(string UserId, bool Suspended);
}
