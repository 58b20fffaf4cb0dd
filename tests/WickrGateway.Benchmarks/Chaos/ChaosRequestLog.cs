using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using WickrGateway.Benchmarks.Processes;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

internal sealed record ChaosRequest(DateTimeOffset At, string? NetworkId, string? ClientToken, bool? Suspend, string[]? UserIds, bool Effect);

internal sealed record ChaosRequests(ChaosRequest[] Requests);

internal sealed record ChaosUser(string UserId, bool Suspended);

internal sealed record ChaosUsers(ChaosUser[] Users);

/// <summary>
/// The simulator's request log. The simulator keeps it in memory, so it is read immediately before the kill. Requests between that reading
/// and the kill are lost, and a call of that moment cannot be checked for a missing effect.
/// </summary>
internal sealed class ChaosRequestLog
{
    private const string Path = "/_simulator/requests";

    private readonly List<ChaosRequest[]> _runs = [];
    private long _lossStart;
    private long _lossEnd;

    /// <summary>The requests of each run of the simulator; a new run has forgotten its client tokens.</summary>
    public IReadOnlyList<IReadOnlyList<ChaosRequest>> Runs => _runs;

    public async Task ReadAndKillAsync(RestartableProcess process, HttpClient simulator)
    {
        // The first reading warms up and the second is parsed after the kill, so that as few requests as possible are lost.
        await simulator.GetByteArrayAsync(Path);
        _lossStart = Stopwatch.GetTimestamp();
        var requests = await simulator.GetByteArrayAsync(Path);
        await process.KillAsync();
        _lossEnd = Stopwatch.GetTimestamp();
        AddRun(requests);
    }

    public async Task ReadAsync(HttpClient simulator) => AddRun(await simulator.GetByteArrayAsync(Path));

    public static async Task<Dictionary<string, bool>> ReadStateAsync(HttpClient simulator) =>
        (await simulator.GetFromJsonAsync<ChaosUsers>($"/_simulator/networks/{SimulatorDefaults.NetworkId}/users"))!
            .Users.ToDictionary(user => user.UserId, user => user.Suspended);

    /// <summary>Whether requests of this call may be missing from the log.</summary>
    public bool MayLack(ChaosCall call) => _lossEnd > 0 && call.StartTimestamp <= _lossEnd && call.EndTimestamp >= _lossStart;

    private void AddRun(byte[] requests) => _runs.Add(JsonSerializer.Deserialize<ChaosRequests>(requests, JsonSerializerOptions.Web)!.Requests);
}
