namespace WickrGateway.Wickr;

internal static class WickrHealth
{
    /// <summary>Shorter than the time-out of the deployment's readiness probe, so that the probe gets the reason.</summary>
    private static readonly TimeSpan CredentialsTimeout = TimeSpan.FromSeconds(2);

    public static void AddWickrHealthChecks(this IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<CredentialsHealthCheck>("credentials", timeout: CredentialsTimeout)
            .AddCheck<CircuitBreakerHealthCheck>("circuit-breaker")
            .AddCheck<ClockHealthCheck>("clock");
}
