using WickrGateway.Audit;
using WickrGateway.Observability;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>Writes audit and metrics of a request, or of one batch of it, that has ended.</summary>
internal sealed class RequestCompletion(AuditTrail audit, GatewayMetrics metrics, IsNamedNetwork isNamed)
{
    /// <summary>The label for networks that the configuration does not name.</summary>
    private const string OtherNetwork = "other";

    public async ValueTask RecordAsync(CompletedRequest request)
    {
        await audit.RecordCompletedAsync(request);
        Count(request);
    }

    private void Count(CompletedRequest request)
    {
        var network = request.Origin.NetworkId is { } id && isNamed(id) ? id : OtherNetwork;
        // What succeeds without a change of its own must not make failing changes look rare: dry runs, and bulk requests, whose batches count.
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
