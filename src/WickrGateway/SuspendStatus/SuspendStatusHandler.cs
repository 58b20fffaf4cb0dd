using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What happens to a request after the filters of its group. The order of the lines is the order of checks in the contract.</summary>
internal sealed class SuspendStatusHandler(
    RequestReader reader, SuspendLimiter limiter, PolicyRefusals refusals, AuditTrail audit, WickrClient wickr, WickrOptions options, ILogger<SuspendStatusHandler> logger)
{
    /// <summary>Makes the change.</summary>
    public Task<OperationEnd> ChangeAsync(HttpContext context) => HandleAsync(context, SendWithinLimitsAsync);

    /// <summary>Every check of <see cref="ChangeAsync"/>, and nothing more.</summary>
    public Task<OperationEnd> DryRunAsync(HttpContext context) => HandleAsync(context, PreviewAsync);

    private async Task<OperationEnd> HandleAsync(HttpContext context, Func<Call, Task<OperationEnd>> proceed)
    {
        var origin = context.Features.Get<RequestOrigin>()!;
        var (request, refusal) = await reader.ReadAsync(origin.NetworkId!, context.Request, context.RequestAborted);
        if (request is null)
            return refusal!;

        var destination = wickr.Find(request.NetworkId, origin.Caller!.Name);
        var change = request.Change with { Region = destination?.Region, Session = destination?.Session?.SessionName };
        try
        {
            if (!origin.Caller.May(change.Action))
                return OperationEnd.Refused(ProblemCatalog.ActionNotGranted(change.Action, change.ClientToken), change);

            return destination is null
                ? OperationEnd.Refused(ProblemCatalog.NetworkUnknown(change.ClientToken), change)
                : await proceed(new Call(origin, request, change, destination));
        }
        catch (Exception unexpected)
        {
            // Only here is the token known that the caller needs to send the request again.
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed(change);
        }
    }

    private async Task<OperationEnd> PreviewAsync(Call call)
    {
        var policy = await limiter.PreviewAsync(call.ToChangeRequest());
        return policy.ToProblem(call.Change.ClientToken) is { } refused ? OperationEnd.Refused(refused, call.Change) : DryRunResult.Of(call.Request, policy);
    }

    private async Task<OperationEnd> SendWithinLimitsAsync(Call call)
    {
        var (policy, reserved) = await limiter.ReserveAsync(call.ToChangeRequest(), options.TotalTimeout);
        using var reservation = reserved;
        if (policy.ToProblem(call.Change.ClientToken) is { } refused)
        {
            refusals.Record(policy.Request, refused);
            return OperationEnd.Refused(refused, call.Change);
        }

        var end = await SendAsync(call);
        reservation?.Settle(end.Wickr);
        return end;
    }

    private async Task<OperationEnd> SendAsync(Call call)
    {
        // From here on a caller that disconnects changes nothing: what was begun is finished.
        if (!await audit.RecordRequestedAsync(call.Origin, call.Change))
            return OperationEnd.Refused(ProblemCatalog.AuditUnavailable(call.Change.ClientToken), call.Change);

        var request = BatchToggleUserSuspendStatus.CreateRequest(call.Request);
        return OperationEnd.Sent(call.Change, await wickr.SendAsync(request, call.Destination, call.Request.TimeLimit));
    }

    /// <summary>A request that may be made, as far as the caller's grants go.</summary>
    private sealed record Call(RequestOrigin Origin, ValidatedRequest Request, RequestedChange Change, WickrDestination Destination)
    {
        public ChangeRequest ToChangeRequest() => new(Origin.Caller!, Request.NetworkId, Request.Suspend, Request.UserIds);
    }
}
