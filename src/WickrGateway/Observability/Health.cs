using WickrGateway.Wickr;

namespace WickrGateway.Observability;

/// <summary>Alive, and ready. Neither asks Wickr: a broken Wickr must not take every replica out of the balancer.</summary>
internal static class Health
{
    private static readonly TimeSpan CredentialsTimeout = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], () => Results.Text("{\"status\":\"alive\"}", "application/json"))
            .WithTags("Health").ExcludeFromDescription();
        routes.MapMethods("/readyz", [HttpMethods.Get, HttpMethods.Head], ReadyAsync).WithTags("Health").ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(WickrCredentials credentials, IHostApplicationLifetime lifetime, CancellationToken aborted)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return NotReady("The gateway is stopping.");

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        timeout.CancelAfter(CredentialsTimeout);
        return await CanSignAsync(credentials, timeout.Token)
            ? Results.Text("{\"status\":\"ready\"}", "application/json")
            : NotReady("No AWS credentials can be had. Looked in: environment, profile and SSO, web identity, container, instance metadata.");
    }

    private static async Task<bool> CanSignAsync(WickrCredentials credentials, CancellationToken timeout)
    {
        try
        {
            return await credentials.FindAsync(timeout) is not null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static IResult NotReady(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not ready", type: "about:blank");
}
