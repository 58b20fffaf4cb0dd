using Microsoft.AspNetCore.Http.Features;
using WickrSimulator.Control;
using WickrSimulator.Signing;

namespace WickrSimulator.Wickr;

/// <summary>
/// Everything that is not the simulator's own: the signature is judged first, then the operation is found, then an injected fault may step
/// in, before the request is validated and has its effect or after.
/// </summary>
internal sealed class WickrEndpoint(SignatureVerifier verifier, WickrState state, FaultQueue faults, Journal journal)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } request)
        {
            await AwsAnswer.WriteAsync(context, new AwsError(StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLargeException", "The body is longer than the simulator reads."));
            return;
        }

        var operation = ToggleSuspendRequest.Read(request);
        if (verifier.Verify(request) is { } refusal)
        {
            journal.Add(operation, refusal.Status, refusal.Type, effect: false);
            await AwsAnswer.WriteAsync(context, refusal);
            return;
        }

        if (operation is null)
        {
            await AwsAnswer.WriteAsync(context, new AwsError(StatusCodes.Status404NotFound, "UnknownOperationException", "There is no such operation here."));
            return;
        }

        if (faults.Take() is not { } fault)
            await AnswerAsync(context, Run(operation));
        else
            await FaultAnswer.WriteAsync(context, fault, faults, new FaultedOperation(operation, () => state.Toggle(operation), journal));
    }

    private OperationResult Run(ToggleSuspendRequest operation)
    {
        var result = state.Toggle(operation);
        journal.Add(operation, result);
        return result;
    }

    public static Task AnswerAsync(HttpContext context, OperationResult result) =>
        result.Error is { } error ? AwsAnswer.WriteAsync(context, error) : AwsAnswer.WriteAsync(context, StatusCodes.Status200OK, result.Body!);

    private static async Task<SignedRequest?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException tooLong) when (tooLong.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.Select(value => value ?? "").ToArray(), StringComparer.Ordinal);
        return new SignedRequest(context.Request.Method, question < 0 ? target : target[..question], question < 0 ? "" : target[(question + 1)..], headers, body.ToArray());
    }
}
