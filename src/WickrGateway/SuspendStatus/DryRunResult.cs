using System.Text.Json.Serialization;
using WickrGateway.NetworkOperations;
using WickrGateway.Policy;

namespace WickrGateway.SuspendStatus;

/// <summary>The 200 of a dry run: the request as it was read.</summary>
/// <param name="ClientToken">The caller's; absent when it sent none.</param>
/// <param name="SuspendLimit">The caller's, or else the network's; absent when neither limits the change.</param>
internal sealed record DryRunResult(bool DryRun, string NetworkId, bool Suspend, IReadOnlyList<string> UserIds, string? ClientToken, DryRunLimit? SuspendLimit)
{
    public static OperationEnd Of(ValidatedRequest request, PolicyResult policy) => OperationEnd.Succeeded(
        new OperationJson<DryRunResult>(
            new DryRunResult(DryRun: true, request.NetworkId, request.Suspend, request.UserIds, request.CallerToken, DryRunLimit.Of(policy)), DryRunJson.Default.DryRunResult),
        request.Change);
}

/// <param name="Used">Users that count already.</param>
/// <param name="After">Users that would count after the change.</param>
internal sealed record DryRunLimit(int Limit, int Used, int After)
{
    public static DryRunLimit? Of(PolicyResult policy) =>
        policy.Decision is ChangeDecision.Allowed { Usage: { IsOn: true } usage } ? new DryRunLimit(usage.Limit, usage.Used, usage.Used + usage.Requested) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DryRunResult))]
internal sealed partial class DryRunJson : JsonSerializerContext;
