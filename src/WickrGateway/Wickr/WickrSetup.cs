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
        services.AddSingleton<WickrCredentials>();
        services.AddHostedService<CredentialsRefresh>();
        services.AddSingleton<Func<string, IPAddress[]>>(Dns.GetHostAddresses);
        services.AddSingleton<WickrConnector>();
        services.AddSingleton<AwsHttpClient>();
        services.AddSingleton<SecurityTokenService>();
        services.AddSingleton(provider => new RoleSessions(
            provider.GetRequiredService<SecurityTokenService>().AssumeRoleAsync, provider.GetRequiredService<WickrOptions>().Roles.Duration, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SigningCredentials>();
        services.AddSingleton<Func<double>>(Random.Shared.NextDouble);
        services.AddSingleton(provider => new WickrRoutes(provider.GetRequiredService<WickrOptions>(), location => CreateRoute(provider, location)));
        services.AddSingleton<WickrGauges>();
        services.AddSingleton<UpstreamFailureLogger>();
        services.AddSingleton<WickrClient>();
        // On shutdown the calls under way are finished.
        services.AddOptions<HostOptions>().Configure<WickrOptions>((host, options) => host.ShutdownTimeout = options.TotalTimeout + ShutdownMargin);
    }

    /// <summary>Starts the gauges and publishes the counters' zeros.</summary>
    public static void StartMetrics(this WebApplication app, IEnumerable<string> problems, IEnumerable<string> actions, IEnumerable<string> policyReasons)
    {
        _ = app.Services.GetRequiredService<WickrGauges>();
        app.Services.GetRequiredService<GatewayMetrics>().StartAtZero(problems, [.. RetryReasons.Select(reason => reason.Label())], actions, policyReasons);
    }

    private static WickrRoute CreateRoute(IServiceProvider services, WickrLocation location)
    {
        var (options, time) = (services.GetRequiredService<WickrOptions>(), services.GetRequiredService<TimeProvider>());
        var clock = new WickrClock(time, services.GetRequiredService<ILogger<WickrClock>>());
        return new WickrRoute(
            location,
            clock,
            new WickrTransport(location, options, clock, services.GetRequiredService<WickrConnector>().ConnectAsync),
            new WickrPipeline(location.Region, options, new RetryBudget(), time, services.GetRequiredService<Func<double>>(), services.GetRequiredService<IsNamedNetwork>(), services.GetRequiredService<ILogger<WickrPipeline>>()));
    }
}
