
namespace WickrGateway.Wickr;

internal static class WickrSetup
{
    public static void AddWickr(this IServiceCollection services)
    {
        services.AddSingleton<WickrClock>();
        services.AddSingleton<WickrCredentials>();
        services.AddSingleton(provider => new WickrTransport(provider.GetRequiredService<WickrOptions>(), provider.GetRequiredService<WickrClock>()));
        services.AddSingleton(new RetryBudget());
        services.AddSingleton(provider => new WickrPipeline(
            provider.GetRequiredService<WickrOptions>(),
            provider.GetRequiredService<RetryBudget>(),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared.NextDouble,
            provider.GetRequiredService<ILogger<WickrPipeline>>()));
        services.AddSingleton<WickrClient>();
    }
}
