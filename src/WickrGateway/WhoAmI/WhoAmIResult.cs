using System.Text.Json.Serialization;
using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Limits;
using WickrGateway.Policy;

namespace WickrGateway.WhoAmI;

/// <summary>Who the caller is, what it was granted, and its limits.</summary>
/// <param name="Networks">8-digit network ids, or <c>*</c> for every network.</param>
/// <param name="Actions"><c>suspend</c>, <c>unsuspend</c>, <c>protected</c>.</param>
internal sealed record WhoAmIResult(string Caller, WhoAmICredential Credential, IReadOnlyList<string> Networks, IReadOnlyList<string> Actions, WhoAmILimits Limits)
{
    /// <param name="origin">Of an authenticated request.</param>
    public static async ValueTask<WhoAmIResult> CreateAsync(RequestOrigin origin, RateLimitOptions rates, SuspendLimiter suspendLimits)
    {
        var (caller, credential) = (origin.Caller!, origin.Credential!);
        return new WhoAmIResult(
            caller.Name,
            new WhoAmICredential(credential.Kind, credential.KeyFingerprint, credential.Subject),
            [.. caller.Networks.Order(StringComparer.Ordinal)],
            caller.Actions,
            new WhoAmILimits(rates.PermitsPerSecond, rates.Burst, await WhoAmISuspendLimit.CreateAsync(suspendLimits, caller)));
    }
}

/// <param name="Kind"><c>apiKey</c> or <c>jwt</c>, as in the audit.</param>
/// <param name="Fingerprint">The first 8 digits of the API key's hash.</param>
internal sealed record WhoAmICredential(string Kind, string? Fingerprint, string? Subject);

/// <param name="RequestsPerSecond">How many requests a second the caller may send over time.</param>
/// <param name="Burst">How many at once after a pause.</param>
/// <param name="SuspendedUsers">Absent when nothing limits the caller.</param>
internal sealed record WhoAmILimits(int RequestsPerSecond, int Burst, WhoAmISuspendLimit? SuspendedUsers);

/// <param name="Limit">Distinct users that the caller may suspend within the window.</param>
/// <param name="Used">Users that count now.</param>
/// <param name="Window"><c>hh:mm:ss</c>.</param>
internal sealed record WhoAmISuspendLimit(int Limit, int Used, string Window)
{
    public static async ValueTask<WhoAmISuspendLimit?> CreateAsync(SuspendLimiter suspendLimits, Caller caller)
    {
        var (usage, window) = await suspendLimits.GetUsageAsync(caller);
        return usage.IsOn ? new WhoAmISuspendLimit(usage.Limit, usage.Used, window.ToString("c")) : null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WhoAmIResult))]
internal sealed partial class WhoAmIJson : JsonSerializerContext;
