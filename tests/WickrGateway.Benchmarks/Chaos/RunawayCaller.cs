using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>A request of a caller that runs wild.</summary>
/// <param name="Kind"><c>200</c>, a problem's type without its prefix, or <c>connection lost</c>.</param>
/// <param name="Scope">Of the limit that refused it; null when none did.</param>
/// <param name="HasFalseFigures">The figures of the refusal do not say why it was one.</param>
internal sealed record RunawayResponse(string Kind, string? Scope, bool HasFalseFigures);

/// <summary>A caller that suspends ever new users as fast as it can, whatever the gateway says. It is a caller of its own for the gateway.</summary>
internal sealed class RunawayCaller : IDisposable
{
    /// <summary>Requests at once.</summary>
    private const int Workers = 4;

    private const int MaxUsersOfRequest = 10;

    /// <summary>Between two requests of a worker, so that the machine is not only busy with refusals.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly string _name;
    private readonly HttpClient _gateway;
    private readonly Func<int> _nextUser;
    private readonly int _seed;
    private int _tokens;

    /// <param name="nextUser">Gives a user that no caller has had.</param>
    public RunawayCaller(string name, Uri gateway, string apiKey, Func<int> nextUser, int seed)
    {
        (_name, _nextUser, _seed) = (name, nextUser, seed);
        _gateway = new HttpClient { BaseAddress = gateway };
        _gateway.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
    }

    public ConcurrentQueue<RunawayResponse> Responses { get; } = [];

    /// <summary>The caller's name in a token of <see cref="SuspendAsync"/>.</summary>
    public static string NameIn(string token) => token.Split(':')[0];

    /// <param name="networks">The first one gets three quarters of the requests.</param>
    public Task RunWildUntilAsync(IReadOnlyList<string> networks, CancellationToken end) => Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
    {
        var random = new Random(_seed + worker);
        while (!end.IsCancellationRequested)
        {
            var ids = Enumerable.Range(0, random.Next(1, MaxUsersOfRequest + 1)).Select(_ => _nextUser()).ToList();
            // Users that Wickr does not have must not count.
            if (random.Next(4) == 0)
                ids.Add(RunawayRun.Users + _nextUser());

            Responses.Enqueue(await SuspendAsync(networks[random.Next(4) == 0 ? 1 : 0], ids));
            await Task.Delay(Pause);
        }
    })));

    public async Task<RunawayResponse> SuspendAsync(string network, IEnumerable<int> userIds)
    {
        try
        {
            var body = new { suspend = true, userIds = userIds.Select(id => $"{id}"), clientToken = $"{_name}:{Interlocked.Increment(ref _tokens)}" };
            using var response = await _gateway.PostAsJsonAsync($"/networks/{network}/users/suspend-status", body);
            if (response.IsSuccessStatusCode)
                return new RunawayResponse("200", null, HasFalseFigures: false);

            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            var kind = problem.RootElement.GetProperty("type").GetString()!.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);
            if (!problem.RootElement.TryGetProperty("limit", out var limit))
                return new RunawayResponse(kind, null, HasFalseFigures: false);

            var (most, used, requested) = (limit.GetProperty("limit").GetInt32(), limit.GetProperty("used").GetInt32(), limit.GetProperty("requested").GetInt32());
            return new RunawayResponse(kind, limit.GetProperty("scope").GetString(), used > most || requested < 1 || used + requested <= most);
        }
        catch (HttpRequestException)
        {
            return new RunawayResponse("connection lost", null, HasFalseFigures: false);
        }
    }

    public void Dispose() => _gateway.Dispose();
}
