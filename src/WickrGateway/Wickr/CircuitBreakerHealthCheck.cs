using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;

namespace WickrGateway.Wickr;

/// <summary>
/// Degraded while a circuit breaker is open, with the networks that it stops. Never unhealthy: removing this replica from the load balancer
/// would not make Wickr work.
/// </summary>
internal sealed class CircuitBreakerHealthCheck(WickrRoutes routes) : IHealthCheck
{
    /// <summary>So that the reason stays readable when Wickr fails as a whole.</summary>
    private const int MaxNetworks = 10;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failing = routes.All.SelectMany(route => route.Pipeline.Circuits).Where(circuit => circuit.State != CircuitState.Closed).Select(circuit => circuit.Network).ToList();
        return Task.FromResult(failing.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"Wickr has been failing for {Describe(failing)}. The circuit breaker is open: only probes are sent to Wickr."));
    }

    private static string Describe(List<string> networks) =>
        string.Join(", ", networks.Take(MaxNetworks)) + (networks.Count > MaxNetworks ? $" and {networks.Count - MaxNetworks} more" : "");
}
