using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>Sends one change to Wickr: a request of up to 50 users, or a batch of a bulk request.</summary>
internal sealed class ChangeSender(AuditTrail audit, WickrClient wickr)
{
    /// <summary>From here on a caller that disconnects changes nothing: what was begun is finished.</summary>
    public async Task<OperationEnd> SendAsync(ChangeCall call)
    {
        if (!await audit.RecordRequestedAsync(call.Origin, call.Change))
            return OperationEnd.Refused(ProblemCatalog.AuditUnavailable(call.Change.ClientToken), call.Change);

        var request = BatchToggleUserSuspendStatus.CreateRequest(call.Request);
        return OperationEnd.Sent(call.Change, await wickr.SendAsync(request, call.Destination, call.Request.TimeLimit));
    }
}
