using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>A caller that follows the README: it makes one change after the other to a user of its own and repeats each while its outcome is <c>unknown</c>.</summary>
internal sealed class ChaosCaller(HttpClient gateway, int userId, int seed)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(seed);

    public List<ChaosCall> Calls { get; } = [];

    public async Task CallUntilAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            await ChangeAsync(untilApplied: false);
    }

    /// <summary>Makes a last change and repeats it until it is applied, so that the final state is known.</summary>
    public Task MakeLastChangeAsync() => ChangeAsync(untilApplied: true);

    private async Task ChangeAsync(bool untilApplied)
    {
        var call = new ChaosCall(userId, _random.Next(2) == 0, $"chaos:{userId}:{Calls.Count}");
        Calls.Add(call);
        using var timeout = new CancellationTokenSource(CallTimeout);
        do
        {
            var (response, delay) = await SendAsync(call);
            call.Responses.Add(response);
            if (response.Kind != "200")
                await Task.Delay(delay < MaxDelay ? delay : MaxDelay);
        }
        while ((call.IsOpen || (untilApplied && !call.IsReportedApplied)) && !timeout.IsCancellationRequested);
        call.EndTimestamp = Stopwatch.GetTimestamp();
    }

    private async Task<(ChaosResponse Response, TimeSpan Delay)> SendAsync(ChaosCall call)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { suspend = call.Suspend, userIds = (string[])[$"{call.UserId}"], clientToken = call.Token }));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await gateway.PostAsync($"/networks/{SimulatorDefaults.NetworkId}/users/suspend-status", content);
            var body = await response.Content.ReadAsByteArrayAsync();
            var duration = Stopwatch.GetElapsedTime(start);
            if (response.StatusCode == HttpStatusCode.OK)
                return (new ChaosResponse("200", "applied", duration), TimeSpan.Zero);

            using var problem = JsonDocument.Parse(body);
            var kind = problem.RootElement.GetProperty("type").GetString()!.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);
            var outcome = problem.RootElement.GetProperty("outcome").GetString()!;
            return (new ChaosResponse(kind, outcome, duration), response.Headers.RetryAfter?.Delta ?? MinDelay);
        }
        catch (HttpRequestException)
        {
            // The gateway is restarting.
            return (new ChaosResponse("connection lost", "unknown", Stopwatch.GetElapsedTime(start)), MaxDelay);
        }
        catch (TaskCanceledException)
        {
            return (new ChaosResponse("client time-out", "unknown", Stopwatch.GetElapsedTime(start)), TimeSpan.Zero);
        }
    }
}
