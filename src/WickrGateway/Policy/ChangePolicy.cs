using System.Collections.Frozen;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Wickr;

namespace WickrGateway.Policy;

/// <summary>What protects users from accidents: who must not be changed, and how many may be suspended. Immutable; changes are live.</summary>
/// <param name="PerCaller">Distinct users that one caller may suspend within the window; 0 for no limit, at most 1,000,000.</param>
/// <param name="PerNetwork">The same for one network, over all callers.</param>
/// <param name="Window">1 second to 23:59:59.</param>
/// <param name="Networks">By network id.</param>
internal sealed record ChangePolicy(int PerCaller, int PerNetwork, TimeSpan Window, IReadOnlyDictionary<string, NetworkPolicy> Networks)
{
    public const string CallerKey = "Policy:SuspendLimit:PerCaller";
    public const string NetworkKey = "Policy:SuspendLimit:PerNetwork";

    private const string NetworksKey = "Policy:Networks";
    private const int MaxProtectedUsers = 1000;

    /// <summary>Reads and checks the policy. Errors are added to <paramref name="settings"/>.</summary>
    public static ChangePolicy Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Policy", "SuspendLimit", "Networks");
        settings.RejectUnknownKeys("Policy:SuspendLimit", "PerCaller", "PerNetwork", "Window");
        return new ChangePolicy(
            settings.GetInt(CallerKey, defaultValue: 500, min: 0, Caller.MaxSuspendLimit),
            settings.GetInt(NetworkKey, defaultValue: 2000, min: 0, Caller.MaxSuspendLimit),
            settings.GetDuration("Policy:SuspendLimit:Window", TimeSpan.FromHours(1), min: TimeSpan.FromSeconds(1), max: new TimeSpan(23, 59, 59)),
            settings.GetChildren(NetworksKey).ToFrozenDictionary(network => network.Name, network => ReadNetwork(settings, network.Key, network.Name), StringComparer.Ordinal));
    }

    public int LimitOf(Caller caller) => caller.SuspendLimit ?? PerCaller;

    public int LimitOf(string networkId) => Networks.GetValueOrDefault(networkId)?.SuspendLimit ?? PerNetwork;

    /// <summary>The users of the network that only callers with the action <c>protected</c> may change.</summary>
    public FrozenSet<string> ProtectedUsersOf(string networkId) => Networks.GetValueOrDefault(networkId)?.ProtectedUserIds ?? [];

    private static NetworkPolicy ReadNetwork(SettingsReader settings, string key, string networkId)
    {
        settings.RejectUnknownKeys(key, "ProtectedUserIds", "SuspendLimit");
        if (!WickrIds.IsNetworkId(networkId))
            settings.AddError(key, $"the name must be a network id of exactly {WickrIds.NetworkIdLength} digits");

        var ids = settings.GetList($"{key}:ProtectedUserIds").ToList();
        if (ids.Count > MaxProtectedUsers)
            settings.AddError($"{key}:ProtectedUserIds", $"must have at most {MaxProtectedUsers} ids");

        foreach (var (idKey, id) in ids)
        {
            if (!WickrIds.IsUserId(id))
                settings.AddError(idKey, $"must be a user id of 1 to {WickrIds.MaxUserIdLength} digits");
        }

        return new NetworkPolicy(ids.Select(id => id.Value).ToFrozenSet(StringComparer.Ordinal), settings.GetOptionalInt($"{key}:SuspendLimit", min: 0, Caller.MaxSuspendLimit));
    }
}

/// <param name="SuspendLimit">In place of <see cref="ChangePolicy.PerNetwork"/>; null to keep that.</param>
internal sealed record NetworkPolicy(FrozenSet<string> ProtectedUserIds, int? SuspendLimit);
