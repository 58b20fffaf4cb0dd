using System.Text.Json.Serialization;
using WickrGateway.NetworkOperations;

namespace WickrGateway.SuspendStatus;

/// <summary>The 200 of a dry run: the request as it was read.</summary>
/// <param name="ClientToken">The caller's; absent when it sent none.</param>
internal sealed record DryRunResult(bool DryRun, string NetworkId, bool Suspend, IReadOnlyList<string> UserIds, string? ClientToken)
{
    public static OperationEnd Of(ValidatedRequest request) => OperationEnd.Succeeded(
        new OperationJson<DryRunResult>(
            new DryRunResult(DryRun: true, request.NetworkId, request.Suspend, request.UserIds, request.CallerToken), DryRunJson.Default.DryRunResult),
        request.Change);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DryRunResult))]
internal sealed partial class DryRunJson : JsonSerializerContext;
