using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WickrGateway.Callers;

/// <summary>Degraded while a changed callers configuration is invalid. Never unhealthy: the gateway still serves the callers of the last valid one.</summary>
internal sealed class CallersHealthCheck(CallerStore callers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(callers.IsStale
            ? HealthCheckResult.Degraded("The changed callers configuration is invalid, so the last valid callers stay in use: a key or grant that was removed since then is still valid. The log has the errors.")
            : HealthCheckResult.Healthy());
}
