using WickrGateway.Callers;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>The one thing callers come for. The order of the lines in <see cref="Handle"/> is the order of judgement that the contract promises.</summary>
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

    public static void AddSuspendStatus(this IServiceCollection services) => services.AddSingleton<RequestReading>();

    public static void MapSuspendStatus(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Route, Handle)
            .WithName("suspendStatus")
            .WithTags("Suspend status")
            .WithSummary("Suspend users of a network, or lift their suspension")
            .WithDescription(Description);

    private static async Task<IResult> Handle(string networkId, HttpContext context, CallerAuthentication authentication, RequestReading reading, WickrClient wickr)
    {
        if (!CanonicalPath.Is(context.Request, $"/networks/{networkId}/users/suspend-status"))
            return GatewayProblems.NotFound();

        var call = Call.Of(context);
        call.NetworkId = networkId;
        if (authentication.Authenticate(context.Request) is not { } caller)
            return GatewayProblems.Unauthenticated();

        call.Caller = caller;
        if (!caller.MayUse(networkId))
            return GatewayProblems.NetworkForbidden();

        var (read, unreadable) = await reading.ReadAsync(networkId, context.Request, context.RequestAborted);
        if (read is null)
            return unreadable!;

        call.Read = read;
        if (!caller.May(read.Request.Suspend))
            return GatewayProblems.ActionForbidden(read.Request);

        // From here on the caller may hang up: what was begun is finished.
        call.Result = await wickr.BatchToggleUserSuspendStatusAsync(read.Request, read.TimeLimit);
        return call.Result.Answer is { } success && call.Result.Failure is null
            ? new VerbatimResult(success, read.Request.ClientToken)
            : GatewayProblems.Wickr(read.Request, call.Result);
    }
}
