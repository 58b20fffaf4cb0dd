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
            .AddEndpointFilter<CanonicalPathFilter>()
            .AddEndpointFilter<CompletionFilter>()
            .AddEndpointFilter<AuthenticationFilter>()
            .AddEndpointFilter<RateLimitFilter>();

    /// <summary>What also needs a grant for the network in its path.</summary>
    public static RouteGroupBuilder MapNetworkOperations(this RouteGroupBuilder callerOperations) =>
        callerOperations.MapGroup($"/networks/{{{NetworkIdParameter}}}").AddEndpointFilter<NetworkGrantFilter>();
}
