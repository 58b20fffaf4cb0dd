namespace WickrGateway.Hosting;

/// <summary>
/// Marks what probes and Prometheus request every few seconds. A line and a span for each of these would hide the callers' requests, so only
/// those that fail (5xx) have them, unless <see cref="ManagementOptions.RecordProbes"/> is set.
/// </summary>
internal sealed class ProbeEndpoint
{
    private static readonly ProbeEndpoint Mark = new();

    private ProbeEndpoint()
    {
    }

    public static void AddTo(IEndpointConventionBuilder route) => route.WithMetadata(Mark);

    public static bool IsSuccessfulProbe(HttpContext context, int status) =>
        status < StatusCodes.Status500InternalServerError && context.GetEndpoint()?.Metadata.GetMetadata<ProbeEndpoint>() is not null;
}
