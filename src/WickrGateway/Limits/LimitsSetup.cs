using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WickrGateway.Observability;

namespace WickrGateway.Limits;

internal static class LimitsSetup
{
    public static void AddLimits(this IServiceCollection services, LimitStoreOptions options)
    {
        services.AddSingleton<CallerRateLimiter>();
        services.AddSingleton(provider => new CallerConcurrencyLimiter(provider.GetRequiredService<RateLimitOptions>().Concurrency));
        services.AddSingleton<BulkLimiter>();
        services.AddSingleton<AuthFailureLimiter>();
        services.AddSingleton<LocalLimitStore>();
        if (options.IsShared)
            services.AddSharedLimits(options);
        else
            services.AddSingleton<ILimitStore>(provider => provider.GetRequiredService<LocalLimitStore>());
    }

    private static void AddSharedLimits(this IServiceCollection services, LimitStoreOptions options)
    {
        services.AddSingleton(new RedisCounts(options.KeyPrefix));
        services.AddSingleton(options);
        services.AddSingleton(CreateConnection);
        services.AddHostedService(provider => provider.GetRequiredService<LimitStoreConnection>());
        services.AddSingleton<ILimitStore, SharedLimitStore>();
        services.AddHealthChecks().AddCheck<LimitStoreHealthCheck>("limit-store");
    }

    private static LimitStoreConnection CreateConnection(IServiceProvider provider)
    {
        var connection = ActivatorUtilities.CreateInstance<LimitStoreConnection>(provider);
        provider.GetRequiredService<IMeterFactory>().Create(GatewayMetrics.MeterName).CreateObservableGauge(
            "wickr_gateway.limit_store.up", () => connection.IsUp ? 1 : 0, description: "1 while limits are counted for all replicas together, 0 while this one counts by itself.");
        return connection;
    }
}

/// <summary>The gateway stays ready: it counts by itself.</summary>
internal sealed class LimitStoreHealthCheck(LimitStoreConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(connection.IsUp
        ? HealthCheckResult.Healthy()
        : HealthCheckResult.Degraded("The limit store cannot be used; this replica counts its limits by itself."));
}
