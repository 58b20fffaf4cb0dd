using System.Collections.Frozen;

namespace WickrGateway.Callers;

/// <summary>Someone who may call, and what was granted. Nothing is granted that is not listed.</summary>
/// <param name="Name">The name in the settings; it stands in logs and in the audit.</param>
/// <param name="Networks">8-digit network ids, or <c>*</c> for every network.</param>
internal sealed record Caller(string Name, FrozenSet<string> Networks, bool MaySuspend, bool MayUnsuspend)
{
    public const string EveryNetwork = "*";

    public bool MayUse(string networkId) => Networks.Contains(networkId) || Networks.Contains(EveryNetwork);

    public bool May(bool suspend) => suspend ? MaySuspend : MayUnsuspend;
}
