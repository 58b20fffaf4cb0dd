using System.Runtime.InteropServices;
using WickrGateway.Problems;

namespace WickrGateway.Limits;

/// <summary>How much of a suspend limit is used, and what a request would add.</summary>
/// <param name="Limit">Distinct users within the window; 0 for no limit.</param>
/// <param name="Used">Users that count now.</param>
/// <param name="Requested">Users of the request that do not count yet.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SuspendLimitUsage(int Limit, int Used, int Requested)
{
    public bool IsOn => Limit > 0;

    /// <summary>A request that adds no user never exceeds it.</summary>
    public bool IsExceeded => IsOn && Requested > 0 && Used + (long)Requested > Limit;

    public SuspendLimitFigures ToFigures(string scope, TimeSpan window) => new(scope, Limit, Used, Requested, window.ToString("c"));
}
