using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Observability;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>The outermost filter: makes the one record of how a request ended, and writes audit, metrics, log fields and response from it.</summary>
internal sealed class CompletionFilter(AuditTrail audit, GatewayMetrics metrics, IsNamedNetwork isNamed, TimeProvider time, ILogger<CompletionFilter> logger) : IEndpointFilter
{
    /// <summary>The label for networks that the configuration does not name.</summary>
    private const string OtherNetwork = "other";

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
            time.GetElapsedTime(start));
        await audit.RecordCompletedAsync(request);
        Count(request);
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

    private void Count(CompletedRequest request)
    {
        var network = request.Origin.NetworkId is { } id && isNamed(id) ? id : OtherNetwork;
        // A dry run that succeeds changed nothing: it must not make failing changes look rare.
        if (request.Kind == OperationKind.Change)
            metrics.RecordCall(request.Change?.Action, network, request.Origin.Caller?.Name, request.ProblemName);
        else if (request.ProblemName is { } problem)
            metrics.RecordCall(request.Kind.Name, network, request.Origin.Caller?.Name, problem);

        if (request.Wickr is not { } result)
            return;

        metrics.RecordAttemptCount(result.Attempts, result.Outcome.Name());
        if (result.Users is { } users && request.Change is { } change)
            metrics.RecordUsers(change.Action, users.SuccessfulCount, users.FailedCount);
    }
}
