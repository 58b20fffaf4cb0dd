using System.Collections.Frozen;

namespace WickrGateway.Callers;

/// <summary>A configured caller and its grants. Whatever is not listed is not granted.</summary>
/// <param name="Name">The name in the settings, as logs and the audit have it.</param>
/// <param name="Networks">8-digit network ids, or <c>*</c> for every network.</param>
/// <param name="Actions">Of <see cref="CallerActions.All"/>, in that order.</param>
/// <param name="SuspendLimit">Distinct users that the caller may suspend within the window of the policy, 0 for no limit; null for the policy's own limit.</param>
internal sealed record Caller(string Name, FrozenSet<string> Networks, IReadOnlyList<string> Actions, int? SuspendLimit = null)
{
    public const string EveryNetwork = "*";

    /// <summary>In users. What is counted is kept in memory.</summary>
    public const int MaxSuspendLimit = 1_000_000;

    /// <summary>Whether there is anything that the caller may do.</summary>
    public bool HasGrant => Networks.Count > 0 && (May(CallerActions.Suspend) || May(CallerActions.Unsuspend));

    public bool MayUse(string networkId) => Networks.Contains(networkId) || Networks.Contains(EveryNetwork);

    public bool May(string action) => Actions.Contains(action, StringComparer.Ordinal);
}
