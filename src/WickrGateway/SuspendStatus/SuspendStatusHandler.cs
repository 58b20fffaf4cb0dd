using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What becomes of a call. The order of the lines in <see cref="HandleAsync"/> is the order of judgement that the contract promises.</summary>
internal sealed class SuspendStatusHandler(
    CallerAuthentication authentication, AuthFailureLimiter failures, CallerRateLimiter rates, RequestReader reading, AuditTrail audit, WickrClient wickr)
{
    public async Task<IResult> HandleAsync(string networkId, HttpContext context, Call call)
    {
        var found = await authentication.AuthenticateAsync(context);
        call.Caller = found.Caller;
        call.Credential = found.Credential;
        if (found.Credential is null)
            return Refuse(found, context);

        if (found.Caller is not { } caller)
            return ProblemCatalog.SubjectForbidden();

        rates.WriteHeaders(caller.Name, context.Response);
        if (!caller.MayUse(networkId))
            return ProblemCatalog.NetworkForbidden();

        var (read, unreadable) = await reading.ReadAsync(networkId, context.Request, context.RequestAborted);
        if (read is null)
            return unreadable!;

        call.Read = read;
        if (!caller.May(read.Request.Suspend))
            return ProblemCatalog.ActionForbidden(read.Request);

        if (!rates.TryAcquire(caller.Name, context.Response, out var wait))
            return ProblemCatalog.TooManyRequests(read.Request, wait);

        // From here on the caller may hang up: what was begun is finished.
        if (!await audit.RecordRequestedAsync(context, call))
            return ProblemCatalog.AuditUnavailable(read.Request);

        call.Result = await wickr.BatchToggleUserSuspendStatusAsync(read.Request, read.TimeLimit);
        return call.Result.Answer is { } success && call.Result.Failure is null
            ? new VerbatimResult(success, read.Request.ClientToken)
            : ProblemCatalog.Wickr(read.Request, call.Result);
    }

    private GatewayProblem Refuse(AuthenticationResult found, HttpContext context) =>
        failures.RecordFailure(context.Connection.RemoteIpAddress) is { } wait
            ? ProblemCatalog.TooManyFailures(wait)
            : ProblemCatalog.Unauthenticated(authentication.Challenges(found));
}
