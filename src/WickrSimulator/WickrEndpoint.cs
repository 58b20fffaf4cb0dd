using WickrSimulator.Aws;
using WickrSimulator.Control;
using WickrSimulator.Signing;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <summary>
/// Wickr's API. As at AWS, the signature is verified before the operation is looked up. Only a signed request to a known operation uses up
/// a fault.
/// </summary>
internal sealed class WickrEndpoint(SignatureVerifier verifier, WickrState state, FaultQueue faults, FaultInjector injector, RequestLog log)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await SignedRequest.ReadAsync(context) is not { } request)
        {
            await AwsResponse.WriteAsync(context, new AwsError(StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLargeException", "The body exceeds the simulator's limit."));
            return;
        }

        var operation = ToggleSuspendRequest.Read(request);
        if (verifier.Verify(request) is { } refusal)
        {
            log.Add(operation, OperationResult.Failed(refusal));
            await AwsResponse.WriteAsync(context, refusal);
            return;
        }

        if (operation is null)
        {
            await AwsResponse.WriteAsync(context, AwsError.NotFound("UnknownOperationException", "Unknown operation."));
            return;
        }

        if (faults.Take() is { } fault)
        {
            await injector.RespondAsync(context, fault, operation);
            return;
        }

        var result = state.Toggle(operation);
        log.Add(operation, result);
        await AwsResponse.WriteAsync(context, result);
    }
}
