
namespace WickrGateway.Wickr;

internal static class WickrSetup
{
    /// <summary>For a response to be written after the call's time has run out.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

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
        // On shutdown the calls under way are finished.
        services.AddOptions<HostOptions>().Configure<WickrOptions>((host, options) => host.ShutdownTimeout = options.TotalTimeout + ShutdownMargin);
    }
}
