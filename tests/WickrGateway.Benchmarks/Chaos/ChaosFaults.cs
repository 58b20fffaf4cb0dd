using System.Net.Http.Json;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Random faults for the simulator; the same seed gives the same faults.</summary>
internal sealed class ChaosFaults(int seed)
{
    /// <summary>Faults for each call so far; because of the retries this affects about a third of the requests to the simulator.</summary>
    private const double FaultsPerCall = 0.5;

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, int> _posted = new(StringComparer.Ordinal);
    private int _count;

    public IReadOnlyDictionary<string, int> Posted => _posted;

    /// <summary>Posts as many as the calls so far allow: with a short queue the faults last as long as the calls and few are left at the end.</summary>
    public async Task PostAsync(HttpClient simulator, int callsSoFar, CancellationToken end)
    {
        while (_count < 10 + (callsSoFar * FaultsPerCall))
        {
            var (name, fault) = Next();
            using var response = await simulator.PostAsJsonAsync("/_simulator/faults", fault, end);
            response.EnsureSuccessStatusCode();
            _posted[name] = _posted.GetValueOrDefault(name) + 1;
            _count++;
        }
    }

    private (string Name, object Fault) Next()
    {
        // Throttling is always before the effect: a caller could not detect a 429 or 400 that follows it, and Wickr does not send one.
        var when = _random.Next(2) == 0 ? "before" : "after";
        return _random.Next(100) switch
        {
            < 20 => ("429", new { status = 429, retryAfter = _random.Next(3) == 0 ? 1 : 0, when = "before" }),
            < 25 => ("400 ThrottlingException", new { status = 400, errorType = "ThrottlingException", when = "before" }),
            < 45 => ($"500 {when} the effect", new { status = 500, when }),
            < 60 => ($"503 {when} the effect", new { status = 503, when }),
            < 73 => ($"reset {when} the effect", new { kind = "reset", when }),
            < 84 => ($"truncated 200 {when} the effect", new { kind = "truncate", when }),
            < 90 => ($"hang {when} the effect", new { kind = "hang", when }),
            _ => ($"latency {when} the effect", new { delayMs = _random.Next(20, 1500), when }),
        };
    }
}
