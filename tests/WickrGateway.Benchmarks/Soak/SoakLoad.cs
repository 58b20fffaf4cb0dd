using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using WickrGateway.Benchmarks.Load;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>Good calls and refusals at a fixed rate, whether or not earlier ones have ended.</summary>
internal sealed class SoakLoad(Uri gateway, int rate) : IDisposable
{
    /// <summary>Of the 20 requests of a round; the rest are good calls.</summary>
    private const int RoundLength = 20;

    /// <summary>In place of a problem's type for a 200.</summary>
    public const string None = "none";

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 16 }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentDictionary<string, int> _responses = new(StringComparer.Ordinal);

    /// <summary>The number of responses by problem, and of requests without a response.</summary>
    public IReadOnlyDictionary<string, int> Responses => _responses;

    public async Task RunAsync(TimeSpan duration)
    {
        var calls = new List<Task>();
        var count = (int)(duration.TotalSeconds * rate);
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var next = 0; next < count;)
        {
            await timer.WaitForNextTickAsync();
            for (var due = Math.Min(count, (int)(clock.Elapsed.TotalSeconds * rate)); next < due; next++)
                calls.Add(SendAsync(next));

            calls.RemoveAll(call => call.IsCompleted);
        }

        await Task.WhenAll(calls);
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(int number)
    {
        string kind;
        try
        {
            using var request = Request(number);
            using var response = await _client.SendAsync(request);
            var body = await response.Content.ReadAsByteArrayAsync();
            kind = response.IsSuccessStatusCode ? None : ProblemOf(body);
        }
        catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException)
        {
            kind = "no response";
        }

        _responses.AddOrUpdate(kind, 1, static (_, count) => count + 1);
    }

    private static HttpRequestMessage Request(int number) => (number % RoundLength) switch
    {
        5 => Request(number, "not-the-key", suspend: true, $"{UserId(number)}"),
        10 => Request(number, SampleCall.ApiKey, suspend: true, "not-a-user"),
        // The caller may only suspend.
        15 => Request(number, SampleCall.ApiKey, suspend: false, $"{UserId(number)}"),
        _ => Request(number, SampleCall.ApiKey, suspend: true, $"{UserId(number)}"),
    };

    private static int UserId(int number) => 1 + (number % SimulatorDefaults.Users);

    private static HttpRequestMessage Request(int number, string key, bool suspend, string userId)
    {
        var content = new StringContent(
            JsonSerializer.Serialize(new { suspend, userIds = (string[])[userId], clientToken = $"soak:{number}" }), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var request = new HttpRequestMessage(HttpMethod.Post, SampleCall.Path) { Content = content };
        request.Headers.Add("X-Api-Key", key);
        return request;
    }

    private static string ProblemOf(byte[] body)
    {
        using var problem = JsonDocument.Parse(body);
        return problem.RootElement.GetProperty("type").GetString()!.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);
    }
}
