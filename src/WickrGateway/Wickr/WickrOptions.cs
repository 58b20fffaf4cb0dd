using WickrGateway.Settings;

namespace WickrGateway.Wickr;

/// <summary>How Wickr is reached and how long a call may take.</summary>
/// <param name="Region">The region in the signature, and in the host unless an endpoint is given.</param>
/// <param name="Endpoint">Scheme and authority, and a path prefix if there is one, without a slash at the end.</param>
/// <param name="MaxAttempts">Attempts in all, 1 to 10.</param>
/// <param name="AttemptTimeout">One attempt, its answer's body included; up to 5 minutes.</param>
/// <param name="TotalTimeout">The whole call, waits included; up to 15 minutes.</param>
/// <param name="MaxConcurrency">Calls under way, 1 to 10,000; each may hold a connection to Wickr.</param>
/// <param name="QueueLimit">Calls waiting for one of those places, 0 to 100,000; each holds its caller's connection and its request.</param>
/// <param name="PropagateTraceContext">Whether Wickr is sent <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context).</param>
internal sealed record WickrOptions(
    string Region,
    Uri Endpoint,
    int MaxAttempts,
    TimeSpan AttemptTimeout,
    TimeSpan TotalTimeout,
    int MaxConcurrency,
    int QueueLimit,
    CircuitBreakerOptions CircuitBreaker,
    bool PropagateTraceContext = false)
{
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostAttemptTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MostTotalTimeout = TimeSpan.FromMinutes(15);

    public static WickrOptions Read(SettingsReader settings)
    {
        settings.Know("Wickr", "Region", "Endpoint", "UseFips", "UseDualStack", "MaxAttempts", "AttemptTimeout", "TotalTimeout", "MaxConcurrency", "QueueLimit", "PropagateTraceContext", "CircuitBreaker");

        var region = WickrEndpoint.ReadRegion(settings);
        var options = new WickrOptions(
            region,
            WickrEndpoint.Read(settings, region),
            settings.Whole("Wickr:MaxAttempts", otherwise: 3, least: 1, most: 10),
            settings.Duration("Wickr:AttemptTimeout", otherwise: TimeSpan.FromSeconds(5), LeastTimeout, MostAttemptTimeout),
            settings.Duration("Wickr:TotalTimeout", otherwise: TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), MostTotalTimeout),
            settings.Whole("Wickr:MaxConcurrency", otherwise: 256, least: 1, most: 10_000),
            settings.Whole("Wickr:QueueLimit", otherwise: 256, least: 0, most: 100_000),
            CircuitBreakerOptions.Read(settings),
            settings.Flag("Wickr:PropagateTraceContext", otherwise: false));
        if (options.AttemptTimeout > options.TotalTimeout)
            settings.Fault("Wickr:AttemptTimeout", "must not be longer than Wickr:TotalTimeout");

        return options;
    }
}

/// <summary>When Wickr is left alone because it has been failing.</summary>
/// <param name="FailureRatio">Failed calls among all, above 0 to 1, at which the circuit opens.</param>
/// <param name="MinimumThroughput">Calls within the sampling duration below which nothing is concluded; at least 2, as Polly asks.</param>
/// <param name="SamplingDuration">Half a second, as Polly asks, to 10 minutes.</param>
/// <param name="BreakDuration">How long Wickr is not asked before one call probes it; half a second, as Polly asks, to 10 minutes.</param>
internal sealed record CircuitBreakerOptions(bool Enabled, double FailureRatio, int MinimumThroughput, TimeSpan SamplingDuration, TimeSpan BreakDuration)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    public static CircuitBreakerOptions Read(SettingsReader settings)
    {
        settings.Know("Wickr:CircuitBreaker", "Enabled", "FailureRatio", "MinimumThroughput", "SamplingDuration", "BreakDuration");
        return new CircuitBreakerOptions(
            settings.Flag("Wickr:CircuitBreaker:Enabled", otherwise: true),
            settings.Number("Wickr:CircuitBreaker:FailureRatio", otherwise: 0.5, least: 0.01, most: 1),
            settings.Whole("Wickr:CircuitBreaker:MinimumThroughput", otherwise: 20, least: 2, most: 100_000),
            settings.Duration("Wickr:CircuitBreaker:SamplingDuration", otherwise: TimeSpan.FromSeconds(10), Least, Most),
            settings.Duration("Wickr:CircuitBreaker:BreakDuration", otherwise: TimeSpan.FromSeconds(5), Least, Most));
    }
}
