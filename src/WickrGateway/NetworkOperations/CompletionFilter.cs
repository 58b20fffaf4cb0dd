using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Observability;
using WickrGateway.Problems;

namespace WickrGateway.NetworkOperations;

/// <summary>The outermost filter: makes the one record of how a request ended, and writes audit, metrics, log fields and response from it.</summary>
internal sealed class CompletionFilter(RequestCompletion completion, TimeProvider time, ILogger<CompletionFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var start = time.GetTimestamp();
        var end = await RunAsync(context, next);
        var request = new CompletedRequest(
            context.HttpContext.GetEndpoint()!.Metadata.GetMetadata<OperationKind>() ?? OperationKind.Change,
            context.HttpContext.Features.Get<RequestOrigin>() ?? AuthenticationFilter.OriginOf(context.HttpContext, AuthenticationResult.Failed(AuthenticationFailure.NoCredential)),
            end.Change,
            end.Problem,
            end.Wickr,
            end.IsDisconnected,
            time.GetElapsedTime(start),
            end.Summary);
        await completion.RecordAsync(request);
        context.HttpContext.Features.Set(new RequestSummary(request.Origin.Caller?.Name, request.Origin.NetworkId, request.ProblemName));
        return new OperationResponse(request, end.Result);
    }

    private async ValueTask<OperationEnd> RunAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return (OperationEnd)(await next(context))!;
        }
        catch (OperationCanceledException) when (context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return OperationEnd.Disconnected;
        }
        catch (Exception unexpected)
        {
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed();
        }
    }
}
