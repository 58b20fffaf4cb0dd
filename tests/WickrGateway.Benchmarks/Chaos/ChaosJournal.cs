using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Chaos;

internal sealed record ChaosRequest(string? ClientToken, bool? Suspend, string[]? UserIds, bool Effect);

internal sealed record ChaosRequests(ChaosRequest[] Requests);

internal sealed record ChaosUser(string UserId, bool Suspended);

internal sealed record ChaosUsers(ChaosUser[] Users);

/// <summary>
/// What the simulator says it did. It keeps that in memory, so it is read right before the kill; what happens between that reading and
/// the kill is gone for good, and the calls of those moments are not judged by what is missing.
/// </summary>
internal sealed class ChaosJournal
{
    private const string Path = "/_simulator/requests";

    private readonly List<ChaosRequest[]> _lives = [];

    /// <summary>One for each life of the simulator: a new one has forgotten its tokens.</summary>
    public IReadOnlyList<IReadOnlyList<ChaosRequest>> Lives => _lives;

    public long UnseenFrom { get; private set; }

    public long UnseenTo { get; private set; }

    public async Task ReadAndKillAsync(ChaosProcess process, HttpClient simulator)
    {
        // A reading to warm up, and parsing only afterwards, so that the unseen moment is as short as can be.
        await simulator.GetByteArrayAsync(Path);
        UnseenFrom = Stopwatch.GetTimestamp();
        var journal = await simulator.GetByteArrayAsync(Path);
        await process.KillAsync();
        UnseenTo = Stopwatch.GetTimestamp();
        Add(journal);
    }

    public async Task ReadAsync(HttpClient simulator) => Add(await simulator.GetByteArrayAsync(Path));

    public static async Task<Dictionary<string, bool>> StateAsync(HttpClient simulator) =>
        (await simulator.GetFromJsonAsync<ChaosUsers>($"/_simulator/networks/{WickrSimulator.SimulatorDefaults.NetworkId}/users"))!
            .Users.ToDictionary(user => user.UserId, user => user.Suspended);

    /// <summary>Something of this call may have happened when nobody could see it any more.</summary>
    public bool MayHaveMissed(ChaosCall call) => UnseenTo > 0 && call.Began <= UnseenTo && call.Ended >= UnseenFrom;

    private void Add(byte[] journal) => _lives.Add(JsonSerializer.Deserialize<ChaosRequests>(journal, JsonSerializerOptions.Web)!.Requests);
}
