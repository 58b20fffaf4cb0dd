using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.RateLimit;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What becomes of a call. The order of the lines in <see cref="JudgeAsync"/> is the order of judgement that the contract promises.</summary>
internal sealed class SuspendStatusJudgement(
    CallerAuthentication authentication, FailureLimit failures, CallerRates rates, RequestReading reading, AuditTrail audit, WickrClient wickr)
{
    public async Task<IResult> JudgeAsync(string networkId, HttpContext context, Call call)
    {
        var found = await authentication.AuthenticateAsync(context);
        call.Caller = found.Caller;
        call.Credential = found.Credential;
        if (found.Credential is null)
            return Refuse(found, context);

        if (found.Caller is not { } caller)
            return GatewayProblems.SubjectForbidden();

        rates.Tell(caller, context.Response);
        if (!caller.MayUse(networkId))
            return GatewayProblems.NetworkForbidden();

        var (read, unreadable) = await reading.ReadAsync(networkId, context.Request, context.RequestAborted);
        if (read is null)
            return unreadable!;

        call.Read = read;
        if (!caller.May(read.Request.Suspend))
            return GatewayProblems.ActionForbidden(read.Request);

        if (rates.Take(caller, context.Response) is { } wait)
            return GatewayProblems.TooManyRequests(read.Request, wait);

        // From here on the caller may hang up: what was begun is finished.
        if (!await audit.AskedAsync(context, call))
            return GatewayProblems.AuditUnavailable(read.Request);

        call.Result = await wickr.BatchToggleUserSuspendStatusAsync(read.Request, read.TimeLimit);
        return call.Result.Answer is { } success && call.Result.Failure is null
            ? new VerbatimResult(success, read.Request.ClientToken)
            : GatewayProblems.Wickr(read.Request, call.Result);
    }

    private GatewayProblem Refuse(Authentication found, HttpContext context) =>
        failures.Count(context.Connection.RemoteIpAddress) is { } wait
            ? GatewayProblems.TooManyFailures(wait)
            : GatewayProblems.Unauthenticated(authentication.Challenges(found));
}
