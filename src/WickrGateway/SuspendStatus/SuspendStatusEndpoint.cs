using WickrGateway.Audit;
using WickrGateway.Problems;

namespace WickrGateway.SuspendStatus;

/// <summary>The one thing callers come for: judged, and whatever comes of it, audited before it is told.</summary>
internal static class SuspendStatusEndpoint
{
    public const string Route = "/networks/{networkId}/users/suspend-status";

    private const string Description =
        """
        Sets the state of 1 to 50 users of a network: `suspend: true` suspends them, `suspend: false` lifts the suspension. It does not flip anything, so a repeat does no harm.

        **Partial failure.** A 200 is Wickr's own answer. Users that Wickr could not change are in `failed`, each with the reason; the others are changed.

        **Outcome.** A problem that came up after the request was found valid has `outcome`. `not-applied`: nothing was changed. `unknown`: the change may have happened.

        **How to retry.** After `unknown`, send the same request with the same `clientToken` again until the answer is clear. After a 429 or 503, wait for the seconds in `Retry-After` first. Do not repeat any other 4xx: it would be refused again.
        """;

    public static void AddSuspendStatus(this IServiceCollection services)
    {
        services.AddSingleton<RequestReader>();
        services.AddSingleton<SuspendStatusHandler>();
    }

    public static void MapSuspendStatus(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Route, Handle)
            .WithName("suspendStatus")
            .WithTags("Suspend status")
            .WithSummary("Suspend users of a network, or lift their suspension")
            .WithDescription(Description);

    private static async Task<IResult> Handle(
        string networkId, HttpContext context, SuspendStatusHandler judgement, AuditTrail audit, TimeProvider time)
    {
        if (!CanonicalPath.Is(context.Request, $"/networks/{networkId}/users/suspend-status"))
            return ProblemCatalog.NotFound();

        var call = Call.Of(context);
        call.Begun = time.GetTimestamp();
        call.NetworkId = networkId;
        IResult answer;
        try
        {
            answer = await judgement.HandleAsync(networkId, context, call);
        }
        catch (BadHttpRequestException unreadable)
        {
            answer = ProblemCatalog.Unreadable(unreadable.StatusCode);
        }
        catch (Exception fault)
        {
            var hungUp = context.RequestAborted.IsCancellationRequested && fault is OperationCanceledException or IOException;
            var problem = hungUp ? null : ProblemCatalog.Internal(call.Read?.Request);
            await audit.RecordCompletedAsync(context, call, problem?.Status, problem);
            throw;
        }

        await audit.RecordCompletedAsync(context, call, answer is GatewayProblem refusal ? refusal.Status : StatusCodes.Status200OK, answer as GatewayProblem);
        return answer;
    }
}
