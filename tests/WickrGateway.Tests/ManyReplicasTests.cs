using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests;

/// <summary>Replicas share no state; the client token makes a call to several of them take effect once.</summary>
public sealed class ManyReplicasTests
{
    private const int Calls = 2000;
    private const int Callers = 24;

    [Fact]
    public async Task One_replica_is_killed_and_one_stopped_under_load_Each_token_takes_effect_once_and_no_call_is_lost()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        await using var simulator = SimulatorApp.Create(["--urls=http://127.0.0.1:0"]);
        await simulator.StartAsync();
        using var wickr = new HttpClient { BaseAddress = new Uri(simulator.Urls.Single()) };
        await using var killed = await ReplicaAsync(wickr.BaseAddress);
        await using var stopped = await ReplicaAsync(wickr.BaseAddress);
        await using var staying = await ReplicaAsync(wickr.BaseAddress);
        // The response is lost after the effect: the gateways' own retries must not repeat it.
        await FaultAsync(wickr, """{"status":500,"when":"after","probability":0.03,"count":60}""");
        await FaultAsync(wickr, """{"kind":"reset","when":"after","probability":0.03,"count":60}""");
        using var callers = new RetryingCallers(killed, stopped, staying);

        var load = callers.RunAsync(Calls, Callers);
        await Task.WhenAny(load, callers.ReachedAsync(Calls / 3));
        killed.Kill();
        await Task.WhenAny(load, callers.ReachedAsync(Calls * 2 / 3));
        await stopped.TerminateAsync();
        var exitCode = await stopped.ExitAsync();
        await load;

        var requests = await JournalAsync(wickr);
        Assert.Equal(0, exitCode);
        Assert.Equal(Calls, callers.Applied.Count);
        Assert.Equal(callers.Applied.Order(), requests.Where(request => request.Effect).Select(request => request.Token).Order());
        Assert.True(requests.Count > Calls, "nothing was sent twice, so the test proves nothing");
        Assert.True(callers.Retries > 0, "no call met a replica that was gone");
    }

    private static Task<GatewayProcess> ReplicaAsync(Uri wickr) => GatewayProcess.StartAsync(wickr, settings: "--Auth:Callers:test:Actions:1=unsuspend");

    private static async Task FaultAsync(HttpClient wickr, string fault)
    {
        using var response = await wickr.PostAsync("/_simulator/faults", Json.Body(fault));
        response.EnsureSuccessStatusCode();
    }

    private static async Task<List<(string Token, bool Effect)>> JournalAsync(HttpClient wickr)
    {
        using var journal = JsonDocument.Parse(await wickr.GetStringAsync("/_simulator/requests"));
        return
        [
            .. journal.RootElement.GetProperty("requests").EnumerateArray()
                .Select(request => (request.GetProperty("clientToken").GetString()!, request.GetProperty("effect").GetBoolean())),
        ];
    }

    /// <summary>Callers that follow the README: on any failure they send the same request with the same token to another replica.</summary>
    private sealed class RetryingCallers(params GatewayProcess[] replicas) : IDisposable
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(50);

        private readonly CancellationTokenSource _timeout = new(Timeout);
        private readonly HttpClient[] _clients = [.. replicas.Select(replica => replica.Client())];
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _marks = [];
        private int _next = -1;
        private int _done;
        private int _retries;

        public ConcurrentBag<string> Applied { get; } = [];

        public int Retries => _retries;

        public Task RunAsync(int calls, int callers) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync(calls)));

        public Task ReachedAsync(int done) => Mark(done).Task.WaitAsync(_timeout.Token);

        public void Dispose()
        {
            foreach (var client in _clients)
                client.Dispose();

            _timeout.Dispose();
        }

        private async Task CallAsync(int calls)
        {
            while (Interlocked.Increment(ref _next) is var number && number < calls)
            {
                var token = string.Create(CultureInfo.InvariantCulture, $"replicas:{number}");
                var body = $$"""{"suspend":{{(number % 2 == 0 ? "true" : "false")}},"userIds":["{{(number % 100) + 1}}"],"clientToken":"{{token}}"}""";
                // Every fourth call is sent to two replicas at once.
                var copies = number % 4 == 0 ? 2 : 1;
                await Task.WhenAll(Enumerable.Range(number, copies).Select(first => UntilAppliedAsync(first, body)));
                Applied.Add(token);
                Mark(Interlocked.Increment(ref _done)).TrySetResult();
            }
        }

        private async Task UntilAppliedAsync(int first, string body)
        {
            for (var replica = first; !await AppliedAsync(_clients[replica % _clients.Length], body); replica++)
                Interlocked.Increment(ref _retries);
        }

        private async Task<bool> AppliedAsync(HttpClient replica, string body)
        {
            try
            {
                using var response = await replica.PostAsync("/networks/12345678/users/suspend-status", Json.Body(body), _timeout.Token);
                Assert.True(
                    response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
                    await response.Content.ReadAsStringAsync(_timeout.Token));
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        private TaskCompletionSource Mark(int done) =>
            _marks.GetOrAdd(done, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
