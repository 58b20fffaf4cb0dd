using System.Net.Http.Json;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Faults for the simulator, at random but the same ones for the same seed.</summary>
internal sealed class ChaosFaults(int seed)
{
    /// <summary>Faults for every call that was answered: with retries, about every third request to the simulator is hit.</summary>
    private const double PerCall = 0.5;

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, int> _posted = new(StringComparer.Ordinal);
    private int _count;

    public IReadOnlyDictionary<string, int> Posted => _posted;

    /// <summary>Keeps the queue short, so that faults come as long as calls do and none is left over for long.</summary>
    public async Task PostAsync(HttpClient simulator, int callsSoFar, CancellationToken end)
    {
        while (_count < 10 + (callsSoFar * PerCall))
        {
            var (name, fault) = Next();
            using var answer = await simulator.PostAsJsonAsync("/_simulator/faults", fault, end);
            answer.EnsureSuccessStatusCode();
            _posted[name] = _posted.GetValueOrDefault(name) + 1;
            _count++;
        }
    }

    private (string Name, object Fault) Next()
    {
        // A 429 or 400 after the effect would be a lie of Wickr's that nobody can see through, so throttling comes before it.
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
