using WickrGateway.Audit;
using WickrGateway.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

internal static class SuspendStatusEndpoint
{
    private const string Description =
        """
        Sets the state of 1 to 50 users of a network: `suspend: true` suspends them, `suspend: false` lifts the suspension. It sets the state, so a repeat does no harm.

        **Partial failure.** A 200 is Wickr's own result. Users that Wickr could not change are in `failed`, each with the reason; the others are changed.

        **Outcome.** A problem after validation has `outcome`. `not-applied`: nothing was changed. `unknown`: the change may have happened.

        **How to retry.** After `unknown`, send the same request with the same `clientToken` again until the outcome is clear. After a 429 or 503, wait for the seconds in `Retry-After` first. Do not repeat any other 4xx: it would be refused again.
        """;

    public static void AddSuspendStatus(this IServiceCollection services)
    {
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<RequestReader>();
        services.AddSingleton<SuspendStatusHandler>();
    }

    /// <param name="network">The group of all operations on a network.</param>
    public static void MapSuspendStatus(this IEndpointRouteBuilder network)
    {
        network.MapPost("/users/suspend-status", ChangeAsync)
            .WithName("suspendStatus")
            .WithTags("Suspend status")
            .WithSummary("Suspend users of a network, or lift their suspension")
            .WithDescription(Description)
            .WithMetadata(new DocumentedOperation(BatchToggleUserSuspendStatus.Operation, () => SuspendStatusDocumentation.Create(network.ServiceProvider.GetRequiredService<WickrOptions>().TotalTimeout)));

        network.MapPost("/users/suspend-status/dry-run", DryRunAsync)
            .WithMetadata(OperationKind.DryRun);
    }

    /// <remarks>The parameter is only for the document; the filters read the route value. The result is made a response by the group's outermost filter.</remarks>
    private static async Task<object> ChangeAsync(string networkId, HttpContext context, SuspendStatusHandler handler) => await handler.ChangeAsync(context);

    /// <inheritdoc cref="ChangeAsync"/>
    private static async Task<object> DryRunAsync(string networkId, HttpContext context, SuspendStatusHandler handler) => await handler.DryRunAsync(context);
}
