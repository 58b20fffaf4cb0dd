using WickrGateway.Audit;
using WickrGateway.Hosting;
using WickrGateway.OpenApi;
using WickrGateway.SuspendStatus.Bulk;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

internal static class SuspendStatusEndpoint
{
    private const string Description =
        """
        `suspend: true` suspends 1 to 50 users, `suspend: false` lifts their suspension. It sets the state, so a repeat does no harm.

        <details><summary>Partial failure, outcome, retries</summary>

        **Partial failure.** A 200 is Wickr's own result. Users that Wickr could not change are in `failed`, each with the reason; the others are changed.

        **Outcome.** A problem after validation has `outcome`. `not-applied`: nothing was changed. `unknown`: the change may have happened.

        **How to retry.** After `unknown`, send the same request with the same `clientToken` again until the outcome is clear. After a 429 or 503, wait for the seconds in `Retry-After` first. Do not repeat any other 4xx: it would be refused again.

        **At Wickr** this is BatchToggleUserSuspendStatus: `PATCH /networks/{networkId}/users/toggleSuspend`.

        </details>
        """;

    private const string DryRunDescription =
        "Takes the same request, makes every check that depends on it and on the caller, and sends nothing to Wickr. A refusal is the very problem that the change would get. It counts against the caller's rate limit.";

    private const string BulkDescription =
        """
        Takes a list of 1 to 5,000 users, checks it whole, and sends it to Wickr in batches of 50. The response is [NDJSON](https://github.com/ndjson/ndjson-spec): a line as soon as a batch has ended, and a summary as the last line.

        <details><summary>Lines, stops, resuming</summary>

        **Lines.** A line of a batch has its users, token, `status`, `outcome`, and either Wickr's `result` or a `problem`. The summary counts each user once: `successful + failed + unknown + notSent = users`. Without a summary the response was cut off.

        **Stops.** The first batch whose outcome is not `applied` ends the run; `stopped` has the problem's type, or `disconnected`, `shutting-down`, `unauthenticated` or `forbidden` (the key or the grant was removed). A batch that was begun is always finished.

        **How to resume.** Send the same list with the same `clientToken` again, until `complete` is true or Wickr's results name each user that failed. The batches then have the same tokens, so what was applied is not applied twice.

        **Rate.** Batches wait for the caller's rate. A reader that is slow slows the run down; one that stops for 30 seconds ends it.

        </details>
        """;

    public static void AddSuspendStatus(this IServiceCollection services)
    {
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<RequestReader>();
        services.AddSingleton<ChangeSender>();
        services.AddSingleton<BulkRunner>();
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
            .WithMetadata(new DocumentedOperation(() => SuspendStatusDocumentation.Change(TotalTimeout())));

        network.MapPost("/users/suspend-status/dry-run", DryRunAsync)
            .WithName("dryRunSuspendStatus")
            .WithTags("Suspend status")
            .WithSummary("Check a change without making it")
            .WithDescription(DryRunDescription)
            .WithMetadata(OperationKind.DryRun)
            .WithMetadata(new DocumentedOperation(() => SuspendStatusDocumentation.DryRun(TotalTimeout())));

        network.MapPost("/users/suspend-status/bulk", BulkAsync)
            .WithName("bulkSuspendStatus")
            .WithTags("Suspend status")
            .WithSummary("Change up to 5,000 users with one request")
            .WithDescription(BulkDescription)
            .WithMetadata(OperationKind.Bulk)
            .WithMaxRequestBody(RequestShape.Bulk.MaxLength)
            .WithMetadata(new DocumentedOperation(() => BulkDocumentation.Create(TotalTimeout())));

        TimeSpan TotalTimeout() => network.ServiceProvider.GetRequiredService<WickrOptions>().TotalTimeout;
    }

    /// <remarks>The parameter is only for the document; the filters read the route value. The result is made a response by the group's outermost filter.</remarks>
    private static async Task<object> ChangeAsync(string networkId, HttpContext context, SuspendStatusHandler handler) => await handler.ChangeAsync(context);

    /// <inheritdoc cref="ChangeAsync"/>
    private static async Task<object> DryRunAsync(string networkId, HttpContext context, SuspendStatusHandler handler) => await handler.DryRunAsync(context);

    /// <inheritdoc cref="ChangeAsync"/>
    private static async Task<object> BulkAsync(string networkId, HttpContext context, SuspendStatusHandler handler) => await handler.BulkAsync(context);
}
