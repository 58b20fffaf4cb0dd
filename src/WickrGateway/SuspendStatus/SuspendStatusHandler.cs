using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What happens to a request after the filters of its group. The order of the lines is the order of checks in the contract.</summary>
internal sealed class SuspendStatusHandler(
    RequestReader reader, SuspendLimiter limiter, PolicyRefusals refusals, AuditTrail audit, WickrClient wickr, ILogger<SuspendStatusHandler> logger)
{
    /// <summary>Makes the change.</summary>
    public Task<OperationEnd> ChangeAsync(HttpContext context) => HandleAsync(context, SendWithinLimitsAsync);

    /// <summary>Every check of <see cref="ChangeAsync"/>, and nothing more.</summary>
    public Task<OperationEnd> DryRunAsync(HttpContext context) => HandleAsync(context, (origin, request) => Task.FromResult(Preview(origin, request)));

    private async Task<OperationEnd> HandleAsync(HttpContext context, Func<RequestOrigin, ValidatedRequest, Task<OperationEnd>> proceed)
    {
        var origin = context.Features.Get<RequestOrigin>()!;
        var (request, refusal) = await reader.ReadAsync(origin.NetworkId!, context.Request, context.RequestAborted);
        if (request is null)
            return refusal!;

        try
        {
            var change = request.Change;
            return origin.Caller!.May(change.Action)
                ? await proceed(origin, request)
                : OperationEnd.Refused(ProblemCatalog.ActionNotGranted(change.Action, change.ClientToken), change);
        }
        catch (Exception unexpected)
        {
            // Only here is the token known that the caller needs to send the request again.
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed(request.Change);
        }
    }

    private OperationEnd Preview(RequestOrigin origin, ValidatedRequest request)
    {
        var policy = limiter.Preview(ToChangeRequest(origin, request));
        return policy.ToProblem(request.Change.ClientToken) is { } refused ? OperationEnd.Refused(refused, request.Change) : DryRunResult.Of(request, policy);
    }

    private async Task<OperationEnd> SendWithinLimitsAsync(RequestOrigin origin, ValidatedRequest request)
    {
        var (policy, reserved) = limiter.Reserve(ToChangeRequest(origin, request));
        using var reservation = reserved;
        if (policy.ToProblem(request.Change.ClientToken) is { } refused)
        {
            refusals.Record(policy.Request, refused);
            return OperationEnd.Refused(refused, request.Change);
        }

        var end = await SendAsync(origin, request);
        reservation?.Settle(end.Wickr);
        return end;
    }

    private async Task<OperationEnd> SendAsync(RequestOrigin origin, ValidatedRequest request)
    {
        // From here on a caller that disconnects changes nothing: what was begun is finished.
        var change = request.Change;
        if (!await audit.RecordRequestedAsync(origin, change))
            return OperationEnd.Refused(ProblemCatalog.AuditUnavailable(change.ClientToken), change);

        return OperationEnd.Sent(change, await wickr.SendAsync(BatchToggleUserSuspendStatus.CreateRequest(request), request.TimeLimit));
    }

    private static ChangeRequest ToChangeRequest(RequestOrigin origin, ValidatedRequest request) => new(origin.Caller!, request.NetworkId, request.Suspend, request.UserIds);
}
