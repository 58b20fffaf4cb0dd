using WickrSimulator.Aws;
using WickrSimulator.Control;
using WickrSimulator.Signing;
using WickrSimulator.Sts;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <summary>
/// Wickr's API. As at AWS, the signature is verified before the operation is looked up. Only a signed change uses up
/// a fault; reads neither use one up nor are they logged.
/// </summary>
internal sealed class WickrEndpoint(SignatureVerifier verifier, WickrState state, ReadOperations reads, IReadOnlyList<Role> roles, FaultQueue faults, FaultInjector injector, RequestLog log)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await SignedRequest.ReadAsync(context) is not { } request)
        {
            await AwsResponse.WriteAsync(context, new AwsError(StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLargeException", "The body exceeds the simulator's limit."));
            return;
        }

        var change = ToggleSuspendRequest.Read(request);
        var (signer, refusal) = verifier.Verify(request, "wickr");
        if (signer is null)
        {
            log.Add(change, OperationResult.Failed(refusal!));
            await AwsResponse.WriteAsync(context, refusal!);
            return;
        }

        if (change is not null)
            await ChangeAsync(context, change with { Signer = signer });
        else if (ReadOperations.Read(request) is { } read)
            await AwsResponse.WriteAsync(context, Authorize(signer, read.NetworkId, read.Operation) is { } denied ? OperationResult.Failed(denied) : reads.Execute(read));
        else
            await AwsResponse.WriteAsync(context, AwsError.NotFound("UnknownOperationException", "Unknown operation."));
    }

    private async Task ChangeAsync(HttpContext context, ToggleSuspendRequest change)
    {
        if (Authorize(change.Signer!, change.NetworkId, "BatchToggleUserSuspendStatus") is { } denied)
        {
            log.Add(change, OperationResult.Failed(denied));
            await AwsResponse.WriteAsync(context, denied);
        }
        else if (faults.Take(change.NetworkId) is { } fault)
        {
            await injector.RespondAsync(context, fault, change);
        }
        else
        {
            var result = state.Toggle(change);
            log.Add(change, result);
            await AwsResponse.WriteAsync(context, result);
        }
    }

    /// <summary>A network that roles name takes only their sessions. Null when the signer may use it.</summary>
    private AwsError? Authorize(Signer signer, string networkId, string operation)
    {
        var owners = roles.Where(role => role.Networks.Contains(networkId, StringComparer.Ordinal)).ToList();
        return owners.Count == 0 || owners.Exists(role => role.Arn == signer.Credential.Session?.RoleArn)
            ? null
            : AwsError.Forbidden("AccessDeniedException", $"The signer is not authorized to perform: wickr:{operation} on resource: arn:aws:wickr:{signer.Region}:{owners[0].Account}:network/{networkId}");
    }
}
