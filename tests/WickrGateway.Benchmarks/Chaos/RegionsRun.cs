using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Two networks in two regions behind one gateway, one of them with a role. The Wickr of one region dies and comes back; the callers of the other must not see any of it.</summary>
internal sealed class RegionsRun : IAsyncDisposable
{
    private const string Steady = "11111111";
    private const string Dying = "22222222";
    private const string Role = "arn:aws:iam::111122223333:role/chaos";
    private const string ApiKey = "chaos-key-of-two-regions";

    /// <summary>Callers at once in each region.</summary>
    private const int Workers = 4;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(3);

    private readonly RestartableProcess _steady = Simulator("us-east-1", Steady, $"--Simulator:Roles:0:Arn={Role}", $"--Simulator:Roles:0:Networks:0={Steady}");
    private readonly RestartableProcess _dying = Simulator("eu-central-1", Dying);
    private readonly ConcurrentDictionary<(string Network, string Response), int> _responses = new();
    private RestartableProcess? _gateway;
    private int _user;

    /// <summary>Alive for a phase, dead for one, alive again for one.</summary>
    public async Task<(string Text, bool Passed)> RunAsync()
    {
        await Task.WhenAll(_steady.StartAsync(), _dying.StartAsync());
        _gateway = new RestartableProcess(ServerPlan.Built("WickrGateway", Settings()), upstream: null, static _ => { });
        await _gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = _gateway.Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);
        // Both regions have responded, and the role's session is there, before one dies.
        await Task.WhenAll(UntilItWorksAsync(client, Steady), UntilItWorksAsync(client, Dying));
        using var end = new CancellationTokenSource();
        var calls = Enumerable.Range(0, Workers).SelectMany(_ => (Task[])[CallAsync(client, Steady, end.Token), CallAsync(client, Dying, end.Token)]).ToList();
        await Task.Delay(Phase);
        await _dying.KillAsync();
        await Task.Delay(Phase);
        await _dying.StartAsync();
        await Task.Delay(Phase);
        await end.CancelAsync();
        await Task.WhenAll(calls);
        var hasRecovered = await SuspendAsync(client, Dying) == "200";

        var table = new ReportTable();
        foreach (var ((network, response), count) in _responses.OrderBy(entry => entry.Key))
            table.Row($"region that {(network == Steady ? "stays" : "dies")}: {response}", $"{count}");

        var errors = new ReportErrors(table);
        errors.Add("calls of the region that stays without a 200", _responses.Where(entry => entry.Key.Network == Steady && entry.Key.Response != "200").Sum(entry => entry.Value));
        errors.Add("regions without both successes and, for the dying one, failures", (_responses.ContainsKey((Steady, "200")) ? 0 : 1) + (_responses.Keys.Count(key => key.Network == Dying) > 1 ? 0 : 1));
        errors.Add("regions that did not recover", hasRecovered ? 0 : 1);
        var passed = errors.Sum == 0 && await _gateway.TerminateAsync() == 0;
        return ($"{table}{(passed ? "Passed." : "FAILED.")}{Environment.NewLine}", passed);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();

        await _steady.DisposeAsync();
        await _dying.DisposeAsync();
    }

    private static RestartableProcess Simulator(string region, string network, params string[] roles) =>
        new(ServerPlan.Built("WickrSimulator", [$"--Simulator:Region={region}", $"--Simulator:Networks:{network}=100", .. roles]), upstream: null, output: static _ => { });

    private async Task UntilItWorksAsync(HttpClient client, string network)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await SuspendAsync(client, network) != "200")
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    private async Task CallAsync(HttpClient client, string network, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            _responses.AddOrUpdate((network, await SuspendAsync(client, network)), 1, static (_, count) => count + 1);
    }

    private async Task<string> SuspendAsync(HttpClient client, string network)
    {
        try
        {
            using var response = await client.PostAsJsonAsync($"/networks/{network}/users/suspend-status", new { suspend = true, userIds = new[] { $"{(Interlocked.Increment(ref _user) % 100) + 1}" } });
            if (response.IsSuccessStatusCode)
                return "200";

            var problem = await response.Content.ReadFromJsonAsync<ChaosProblem>();
            return problem!.Type.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return "connection lost";
        }
    }

    private string[] Settings() =>
    [
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Wickr:Networks:{Steady}:Region=us-east-1",
        $"--Wickr:Networks:{Steady}:Endpoint={_steady.Address}",
        $"--Wickr:Networks:{Dying}:Region=eu-central-1",
        $"--Wickr:Networks:{Dying}:Endpoint={_dying.Address}",
        $"--Wickr:Networks:{Steady}:RoleArn={Role}",
        $"--AWS_ENDPOINT_URL_STS={_steady.Address}",
        "--Wickr:AttemptTimeout=00:00:00.5",
        "--Wickr:TotalTimeout=00:00:02",
        "--Wickr:CircuitBreaker:SamplingDuration=00:00:01",
        "--Wickr:CircuitBreaker:BreakDuration=00:00:00.5",
        "--RateLimit:PermitsPerSecond=100000",
        "--RateLimit:Burst=100000",
        $"--Auth:Callers:chaos:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}",
        "--Auth:Callers:chaos:Networks:0=*",
        "--Auth:Callers:chaos:Actions:0=suspend",
    ];

    private sealed record ChaosProblem(string Type);
}
