using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What happens to a request after the filters of its group. The order of the lines is the order of checks in the contract.</summary>
internal sealed class SuspendStatusHandler(RequestReader reader, AuditTrail audit, WickrClient wickr, ILogger<SuspendStatusHandler> logger)
{
    /// <summary>Makes the change.</summary>
    public Task<OperationEnd> ChangeAsync(HttpContext context) => HandleAsync(context, SendAsync);

    /// <summary>Every check of <see cref="ChangeAsync"/>, and nothing more.</summary>
    public Task<OperationEnd> DryRunAsync(HttpContext context) => HandleAsync(context, static (_, request) => Task.FromResult(DryRunResult.Of(request)));

    private async Task<OperationEnd> HandleAsync(HttpContext context, Func<RequestOrigin, ValidatedRequest, Task<OperationEnd>> proceed)
    {
        var origin = context.Features.Get<RequestOrigin>()!;
        var (request, refusal) = await reader.ReadAsync(origin.NetworkId!, context.Request, context.RequestAborted);
        if (request is null)
            return refusal!;

        try
        {
            return Check(origin, request) is { } refused ? OperationEnd.Refused(refused, request.Change) : await proceed(origin, request);
        }
        catch (Exception unexpected)
        {
            // Only here is the token known that the caller needs to send the request again.
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed(request.Change);
        }
    }

    /// <summary>Null when the caller may make this change.</summary>
    private static GatewayProblem? Check(RequestOrigin origin, ValidatedRequest request) =>
        origin.Caller!.May(request.Change.Action) ? null : ProblemCatalog.ActionNotGranted(request.Change.Action, request.Change.ClientToken);

    private async Task<OperationEnd> SendAsync(RequestOrigin origin, ValidatedRequest request)
    {
        var change = request.Change;
        // From here on a caller that disconnects changes nothing: what was begun is finished.
        if (!await audit.RecordRequestedAsync(origin, change))
            return OperationEnd.Refused(ProblemCatalog.AuditUnavailable(change.ClientToken), change);

        return OperationEnd.Sent(change, await wickr.SendAsync(BatchToggleUserSuspendStatus.CreateRequest(request), request.TimeLimit));
    }
}
