using WickrGateway.Settings;

namespace WickrGateway.Wickr;

/// <summary>How Wickr is reached and how long a call may take.</summary>
/// <param name="Region">The region in the signature, and in the host unless an endpoint is given.</param>
/// <param name="Endpoint">Scheme and authority, and a path prefix if there is one, without a slash at the end.</param>
/// <param name="MaxAttempts">Attempts in all, 1 to 10.</param>
/// <param name="AttemptTimeout">One attempt, its answer's body included; up to 5 minutes.</param>
/// <param name="TotalTimeout">The whole call, waits included; up to 15 minutes.</param>
internal sealed record WickrOptions(string Region, Uri Endpoint, int MaxAttempts, TimeSpan AttemptTimeout, TimeSpan TotalTimeout)
{
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostAttemptTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MostTotalTimeout = TimeSpan.FromMinutes(15);

    public static WickrOptions Read(SettingsReader settings)
    {
        settings.Know("Wickr", "Region", "Endpoint", "UseFips", "UseDualStack", "MaxAttempts", "AttemptTimeout", "TotalTimeout", "MaxConcurrency", "QueueLimit", "CircuitBreaker");
        settings.Know("Wickr:CircuitBreaker", "Enabled", "FailureRatio", "MinimumThroughput", "SamplingDuration", "BreakDuration");

        var region = WickrEndpoint.ReadRegion(settings);
        var options = new WickrOptions(
            region,
            WickrEndpoint.Read(settings, region),
            settings.Whole("Wickr:MaxAttempts", otherwise: 3, least: 1, most: 10),
            settings.Duration("Wickr:AttemptTimeout", otherwise: TimeSpan.FromSeconds(5), LeastTimeout, MostAttemptTimeout),
            settings.Duration("Wickr:TotalTimeout", otherwise: TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), MostTotalTimeout));
        if (options.AttemptTimeout > options.TotalTimeout)
            settings.Fault("Wickr:AttemptTimeout", "must not be longer than Wickr:TotalTimeout");

        return options;
    }
}
