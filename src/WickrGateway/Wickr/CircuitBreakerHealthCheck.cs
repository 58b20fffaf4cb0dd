using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;

namespace WickrGateway.Wickr;

/// <summary>Degraded while the circuit breaker is open. Never unhealthy: removing this replica from the load balancer would not make Wickr work.</summary>
internal sealed class CircuitBreakerHealthCheck(WickrPipeline pipeline) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pipeline.Circuit == CircuitState.Closed
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Wickr has been failing. The circuit breaker is open: only probes are sent to Wickr."));
}
