using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Limits;
using WickrGateway.NetworkOperations;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus.Bulk;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What happens to a request after the filters of its group. The order of the lines is the order of checks in the contract.</summary>
internal sealed class SuspendStatusHandler(
    RequestReader reader, SuspendLimiter limiter, BulkLimiter bulkLimiter, PolicyRefusals refusals, ChangeSender sender, BulkRunner bulk, LiveSettings<CallerDirectory> callers, WickrClient wickr, WickrOptions options, ILogger<SuspendStatusHandler> logger)
{
    /// <summary>Makes the change.</summary>
    public Task<OperationEnd> ChangeAsync(HttpContext context) =>
        HandleAsync(context, RequestShape.Single, call => ReserveAsync(call, options.TotalTimeout, reservation => SendAsync(call, reservation)));

    /// <summary>Every check of <see cref="ChangeAsync"/>, and nothing more.</summary>
    public Task<OperationEnd> DryRunAsync(HttpContext context) => HandleAsync(context, RequestShape.Single, PreviewAsync);

    /// <summary>Makes the change in batches, all of which are checked before the first one.</summary>
    public async Task<OperationEnd> BulkAsync(HttpContext context)
    {
        var caller = context.Features.Get<RequestOrigin>()!.Caller!.Name;
        if (!bulkLimiter.TryEnter(caller))
            return OperationEnd.Refused(ProblemCatalog.TooManyBulkRequests());

        // Reading the body can take minutes.
        var knownCallers = callers.Current;
        try
        {
            return await HandleAsync(context, RequestShape.Bulk, call => ReserveAsync(call, bulk.MaxDuration, reservation => bulk.RunAsync(context, call, reservation, knownCallers)));
        }
        finally
        {
            bulkLimiter.Leave(caller);
        }
    }

    private async Task<OperationEnd> HandleAsync(HttpContext context, RequestShape shape, Func<ChangeCall, Task<OperationEnd>> proceed)
    {
        var origin = context.Features.Get<RequestOrigin>()!;
        var (request, refusal) = await reader.ReadAsync(origin.NetworkId!, context.Request, shape, context.RequestAborted);
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
                : await proceed(new ChangeCall(origin, request, change, destination));
        }
        catch (Exception unexpected)
        {
            // Only here is the token known that the caller needs to send the request again.
            GatewayFailureLog.Write(logger, unexpected);
            return OperationEnd.Failed(change);
        }
    }

    private async Task<OperationEnd> PreviewAsync(ChangeCall call)
    {
        var policy = await limiter.PreviewAsync(call.ToChangeRequest());
        return policy.ToProblem(call.Change.ClientToken) is { } refused ? OperationEnd.Refused(refused, call.Change) : DryRunResult.Of(call.Request, policy);
    }

    private async Task<OperationEnd> ReserveAsync(ChangeCall call, TimeSpan maxDuration, Func<SuspendReservation?, Task<OperationEnd>> proceed)
    {
        var (policy, reserved) = await limiter.ReserveAsync(call.ToChangeRequest(), maxDuration);
        using var reservation = reserved;
        if (policy.ToProblem(call.Change.ClientToken) is not { } refused)
            return await proceed(reservation);

        refusals.Record(policy.Request, refused);
        return OperationEnd.Refused(refused, call.Change);
    }

    private async Task<OperationEnd> SendAsync(ChangeCall call, SuspendReservation? reservation)
    {
        var end = await sender.SendAsync(call);
        reservation?.Settle(end.Wickr);
        return end;
    }
}
