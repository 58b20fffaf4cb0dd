namespace WickrGateway.Wickr;

/// <summary>The way to one place: its connections, its clock, and what surrounds the calls. A place that fails does not touch the others.</summary>
internal sealed record WickrRoute(WickrLocation Location, WickrClock Clock, WickrTransport Transport, WickrPipeline Pipeline);

/// <summary>Where a request goes, and as whom.</summary>
/// <param name="CallerName">On whose behalf.</param>
/// <param name="Session">The role's session to sign with; null for the gateway's own credentials.</param>
internal sealed record WickrDestination(WickrRoute Route, string CallerName, RoleSessionKey? Session)
{
    public string Region => Route.Location.Region;
}

/// <summary>The ways to all places that the settings name.</summary>
internal sealed class WickrRoutes(WickrOptions options, Func<WickrLocation, WickrRoute> create) : IDisposable
{
    private readonly Dictionary<WickrLocation, WickrRoute> _routes = options.Locations.ToDictionary(location => location, create);

    public IReadOnlyCollection<WickrRoute> All => _routes.Values;

    /// <summary>Null when the settings name neither the network nor a default region.</summary>
    public WickrDestination? Find(string networkId, string callerName)
    {
        if (options.Find(networkId) is not { } network)
            return null;

        var session = network.Role is { } role ? RoleSessionKey.Create(role, network.Location, options.Roles.Attribution, callerName) : null;
        return new WickrDestination(_routes[network.Location], callerName, session);
    }

    public void Dispose()
    {
        foreach (var route in _routes.Values)
        {
            route.Transport.Dispose();
            route.Pipeline.Dispose();
        }
    }
}
