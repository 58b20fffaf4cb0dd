using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WickrGateway.Wickr;

/// <summary>Without AWS credentials no request can be signed, so the replica is not ready.</summary>
internal sealed class CredentialsHealthCheck(WickrCredentials credentials) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await CanResolveAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"AWS credentials could not be resolved. Sources tried: {WickrCredentials.Sources}.");

    private async Task<bool> CanResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await credentials.GetAsync(cancellationToken) is not null;
        }
        catch (OperationCanceledException)
        {
            // Timed out. The framework's own description of that would not name the sources.
            return false;
        }
    }
}
