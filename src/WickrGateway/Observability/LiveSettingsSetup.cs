using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WickrGateway.Configuration;

namespace WickrGateway.Observability;

/// <summary>Makes a part of the settings live, and shows in readiness and metrics when a change of it is refused.</summary>
internal static class LiveSettingsSetup
{
    /// <param name="name">In messages, and in the gauge <c>wickr_gateway.{name}.stale</c>.</param>
    /// <param name="hashFile">See <see cref="LiveSettings{T}"/>.</param>
    public static void AddLiveSettings<T>(this IServiceCollection services, string name, Func<SettingsReader, T> read, Func<IConfiguration, string?> hashFile)
        where T : class
    {
        services.AddSingleton(provider =>
        {
            var configuration = provider.GetRequiredService<IConfiguration>();
            var live = new LiveSettings<T>(name, provider.GetRequiredService<T>(), read, () => hashFile(configuration), configuration, provider.GetRequiredService<ILogger<LiveSettings<T>>>());
            provider.GetRequiredService<IMeterFactory>().Create(GatewayMetrics.MeterName).CreateObservableGauge(
                $"wickr_gateway.{name}.stale", () => live.IsStale ? 1 : 0, description: $"1 while the changed {name} settings are invalid and the last valid ones stay in use.");
            return live;
        });
        services.AddHostedService(provider => provider.GetRequiredService<LiveSettings<T>>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, provider => new StaleSettingsHealthCheck<T>(name, provider.GetRequiredService<LiveSettings<T>>()), failureStatus: null, tags: null));
    }

    /// <summary>Degraded while a change is refused. Never unhealthy: the gateway still works with the last valid settings.</summary>
    private sealed class StaleSettingsHealthCheck<T>(string name, LiveSettings<T> settings) : IHealthCheck
        where T : class
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(settings.IsStale
                ? HealthCheckResult.Degraded($"The changed {name} settings are invalid, so the last valid ones stay in use: what was removed or forbidden since then is still allowed. The log has the errors.")
                : HealthCheckResult.Healthy());
    }
}
