namespace WickrGateway.NetworkOperations;

/// <summary>The routes that callers use, and what holds for each of them.</summary>
internal static class NetworkOperationGroup
{
    public const string NetworkIdParameter = "networkId";

    public static void AddNetworkOperations(this IServiceCollection services) => services.AddSingleton<RequestCompletion>();

    /// <summary>
    /// What needs a credential. The order of the filters is the order of checks that the contract promises. They always run, because no
    /// endpoint of the group binds the body: what a handler reads, it reads after them.
    /// </summary>
    public static RouteGroupBuilder MapCallerOperations(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("")
            .AddEndpointFilter(new CanonicalPathFilter())
            .AddEndpointFilter(Create<CompletionFilter>(routes))
            .AddEndpointFilter(Create<AuthenticationFilter>(routes))
            .AddEndpointFilter(Create<RateLimitFilter>(routes));

    /// <summary>What also needs a grant for the network in its path.</summary>
    public static RouteGroupBuilder MapNetworkOperations(this RouteGroupBuilder callerOperations) =>
        callerOperations.MapGroup($"/networks/{{{NetworkIdParameter}}}").AddEndpointFilter(new NetworkGrantFilter());

    /// <summary>The framework would compile an expression for each filter, which takes a tenth of the start.</summary>
    private static T Create<T>(IEndpointRouteBuilder routes)
        where T : IEndpointFilter => ActivatorUtilities.CreateInstance<T>(routes.ServiceProvider);
}
