namespace WickrGateway.Wickr;

/// <summary>Where networks are. Networks in the same place share connections, clock, permits and retry budget.</summary>
/// <param name="Region">The region in the signature, and in the host unless an endpoint is given.</param>
/// <param name="Endpoint">Scheme and authority, with a path prefix if there is one; no trailing slash.</param>
/// <param name="UseFips">Also for STS.</param>
/// <param name="UseDualStack">Also for STS.</param>
internal sealed record WickrLocation(string Region, Uri Endpoint, bool UseFips = false, bool UseDualStack = false)
{
    /// <summary>What a path is appended to.</summary>
    public string BaseUrl => Endpoint.AbsoluteUri.TrimEnd('/');
}

/// <summary>The settings of one network, or of all that have none of their own.</summary>
/// <param name="Role">The role to assume for it; null for the gateway's own credentials.</param>
internal sealed record NetworkSettings(WickrLocation Location, RoleOptions? Role);
