namespace WickrGateway.NetworkOperations;

/// <summary>The routes of all operations on a network, and what holds for each of them.</summary>
internal static class NetworkOperationGroup
{
    public const string NetworkIdParameter = "networkId";

    /// <summary>
    /// The order of the filters is the order of checks that the contract promises. They always run, because no endpoint of the group binds
    /// the body: what a handler reads, it reads after them.
    /// </summary>
    public static RouteGroupBuilder MapNetworkOperations(this IEndpointRouteBuilder routes) =>
        routes.MapGroup($"/networks/{{{NetworkIdParameter}}}")
            .AddEndpointFilter<CanonicalPathFilter>()
            .AddEndpointFilter<CompletionFilter>()
            .AddEndpointFilter<AuthenticationFilter>()
            .AddEndpointFilter<RateLimitFilter>()
            .AddEndpointFilter<NetworkGrantFilter>();
}
