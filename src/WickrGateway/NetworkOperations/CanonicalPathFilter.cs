namespace WickrGateway.NetworkOperations;

/// <summary>
/// Accepts a path, after the server's normalization, only as the contract writes it. Routing also accepts any case and a trailing slash; a
/// proxy in front that has rules for paths by their text might have let something else pass.
/// </summary>
internal sealed class CanonicalPathFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsCanonical(context.HttpContext) ? next(context) : ValueTask.FromResult<object?>(TypedResults.StatusCode(StatusCodes.Status404NotFound));

    private static bool IsCanonical(HttpContext context)
    {
        var template = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText!;
        var networkId = context.GetRouteValue(NetworkOperationGroup.NetworkIdParameter) as string;
        return template.Replace($"{{{NetworkOperationGroup.NetworkIdParameter}}}", networkId, StringComparison.Ordinal).Equals(context.Request.Path.Value, StringComparison.Ordinal);
    }
}
