using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What happens to a request after the filters of its group. The order of the lines in <see cref="HandleAsync"/> is the order of checks in the contract.</summary>
internal sealed class SuspendStatusHandler(RequestReader reader, AuditTrail audit, WickrClient wickr, ILogger<SuspendStatusHandler> logger)
{
    public async Task<OperationEnd> HandleAsync(HttpContext context)
    {
        var origin = context.Features.Get<RequestOrigin>()!;
        var (request, refusal) = await reader.ReadAsync(origin.NetworkId!, context.Request, context.RequestAborted);
        if (request is null)
            return refusal!;

        try
        {
            return await ChangeAsync(origin, request);
        }
        catch (Exception unexpected)
        {
            // Only here is the token known that the caller needs to send the request again.
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed(request.Change);
        }
    }

    private async Task<OperationEnd> ChangeAsync(RequestOrigin origin, ValidatedRequest request)
    {
        var change = request.Change;
        if (!origin.Caller!.May(request.Suspend))
            return OperationEnd.Refused(ProblemCatalog.ActionNotGranted(change.Action, change.ClientToken), change);

        // From here on a caller that disconnects changes nothing: what was begun is finished.
        if (!await audit.RecordRequestedAsync(origin, change))
            return OperationEnd.Refused(ProblemCatalog.AuditUnavailable(change.ClientToken), change);

        return OperationEnd.Sent(change, await wickr.SendAsync(BatchToggleUserSuspendStatus.CreateRequest(request), request.TimeLimit));
    }
}
