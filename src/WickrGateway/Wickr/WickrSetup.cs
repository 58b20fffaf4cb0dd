using System.Net;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

internal static class WickrSetup
{
    /// <summary>For a response to be written after the call's time has run out.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    private static readonly RetryReason[] RetryReasons = [RetryReason.Transient, RetryReason.Throttling, RetryReason.AuthRecovery];

    /// <param name="isNamed">Made from the container; see <see cref="IsNamedNetwork"/>.</param>
    public static void AddWickr(this IServiceCollection services, Func<IServiceProvider, IsNamedNetwork> isNamed)
    {
        services.AddSingleton(isNamed);
        services.AddSingleton<WickrClock>();
        services.AddSingleton<WickrCredentials>();
        services.AddHostedService<CredentialsRefresh>();
        services.AddSingleton<Func<string, IPAddress[]>>(Dns.GetHostAddresses);
        services.AddSingleton<WickrConnector>();
        services.AddSingleton(provider => new WickrTransport(
            provider.GetRequiredService<WickrOptions>(), provider.GetRequiredService<WickrClock>(), provider.GetRequiredService<WickrConnector>().ConnectAsync));
        services.AddSingleton(new RetryBudget());
        services.AddSingleton<Func<double>>(Random.Shared.NextDouble);
        services.AddSingleton<WickrPipeline>();
        services.AddSingleton<WickrGauges>();
        services.AddSingleton<UpstreamFailureLogger>();
        services.AddSingleton<WickrClient>();
        // On shutdown the calls under way are finished.
        services.AddOptions<HostOptions>().Configure<WickrOptions>((host, options) => host.ShutdownTimeout = options.TotalTimeout + ShutdownMargin);
    }

    /// <summary>Starts the gauges and publishes the counters' zeros.</summary>
    public static void StartMetrics(this WebApplication app, IEnumerable<string> actions, IEnumerable<string> policyReasons)
    {
        _ = app.Services.GetRequiredService<WickrGauges>();
        app.Services.GetRequiredService<GatewayMetrics>().StartAtZero([.. RetryReasons.Select(reason => reason.Label())], actions, policyReasons);
    }
}
