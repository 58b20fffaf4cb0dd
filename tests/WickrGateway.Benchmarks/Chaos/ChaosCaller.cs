using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>One answer that a caller got, or none.</summary>
/// <param name="Kind"><c>200</c>, a problem's name, or <c>no answer</c> while the gateway was away.</param>
/// <param name="Outcome"><c>applied</c>, <c>not-applied</c> or <c>unknown</c>.</param>
internal sealed record ChaosAnswer(string Kind, string Outcome, TimeSpan Took);

/// <summary>One change that a caller wanted, with all that was said of it; sent again with the same token until the caller knows.</summary>
internal sealed class ChaosCall(int userId, bool suspend, string token)
{
    public int UserId { get; } = userId;

    public bool Suspend { get; } = suspend;

    public string Token { get; } = token;

    public long Began { get; } = Stopwatch.GetTimestamp();

    public long Ended { get; set; } = long.MaxValue;

    public List<ChaosAnswer> Answers { get; } = [];

    public bool ToldApplied => Answers.Exists(answer => answer.Outcome == "applied");

    /// <summary>Every answer said so; after a single <c>unknown</c> the caller may not rely on a later one that speaks for itself alone.</summary>
    public bool ToldNotApplied => Answers.Count > 0 && Answers.TrueForAll(answer => answer.Outcome == "not-applied");

    public bool IsOpen => !ToldApplied && !ToldNotApplied;
}

/// <summary>A caller as the README asks for: one change after the other for a user of its own, each sent again on <c>unknown</c>.</summary>
internal sealed class ChaosCaller(HttpClient gateway, int userId, int seed)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(seed);

    public List<ChaosCall> Calls { get; } = [];

    public async Task CallUntilAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            await ChangeAsync(untilApplied: false);
    }

    /// <summary>The last change, sent until it is applied, so that the state at the end is known.</summary>
    public Task LastAsync() => ChangeAsync(untilApplied: true);

    private async Task ChangeAsync(bool untilApplied)
    {
        var call = new ChaosCall(userId, _random.Next(2) == 0, $"chaos:{userId}:{Calls.Count}");
        Calls.Add(call);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        do
        {
            var (answer, pause) = await SendAsync(call);
            call.Answers.Add(answer);
            if (answer.Kind != "200")
                await Task.Delay(pause < LongestPause ? pause : LongestPause);
        }
        while ((call.IsOpen || (untilApplied && !call.ToldApplied)) && !patience.IsCancellationRequested);
        call.Ended = Stopwatch.GetTimestamp();
    }

    private async Task<(ChaosAnswer Answer, TimeSpan Pause)> SendAsync(ChaosCall call)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { suspend = call.Suspend, userIds = (string[])[$"{call.UserId}"], clientToken = call.Token }));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await gateway.PostAsync($"/networks/{WickrSimulator.SimulatorDefaults.NetworkId}/users/suspend-status", content);
            var body = await response.Content.ReadAsByteArrayAsync();
            var took = Stopwatch.GetElapsedTime(start);
            if (response.StatusCode == HttpStatusCode.OK)
                return (new ChaosAnswer("200", "applied", took), TimeSpan.Zero);

            using var problem = JsonDocument.Parse(body);
            var kind = problem.RootElement.GetProperty("type").GetString()!.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);
            var outcome = problem.RootElement.GetProperty("outcome").GetString()!;
            return (new ChaosAnswer(kind, outcome, took), response.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(20));
        }
        catch (HttpRequestException)
        {
            return (new ChaosAnswer("no answer", "unknown", Stopwatch.GetElapsedTime(start)), LongestPause);
        }
        catch (TaskCanceledException)
        {
            return (new ChaosAnswer("hang", "unknown", Stopwatch.GetElapsedTime(start)), TimeSpan.Zero);
        }
    }
}
