using WickrGateway.Configuration;

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
        settings.RejectUnknownKeys("Wickr", "Region", "Endpoint", "UseFips", "UseDualStack", "MaxAttempts", "AttemptTimeout", "TotalTimeout", "MaxConcurrency", "QueueLimit", "PropagateTraceContext", "CircuitBreaker");

        var region = WickrEndpoint.ReadRegion(settings);
        var options = new WickrOptions(
            region,
            WickrEndpoint.Read(settings, region),
            settings.GetInt("Wickr:MaxAttempts", defaultValue: 3, min: 1, max: 10),
            settings.GetDuration("Wickr:AttemptTimeout", defaultValue: TimeSpan.FromSeconds(5), LeastTimeout, MostAttemptTimeout),
            settings.GetDuration("Wickr:TotalTimeout", defaultValue: TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), MostTotalTimeout),
            settings.GetInt("Wickr:MaxConcurrency", defaultValue: 256, min: 1, max: 10_000),
            settings.GetInt("Wickr:QueueLimit", defaultValue: 256, min: 0, max: 100_000),
            CircuitBreakerOptions.Read(settings),
            settings.GetBool("Wickr:PropagateTraceContext", defaultValue: false));
        if (options.AttemptTimeout > options.TotalTimeout)
            settings.AddError("Wickr:AttemptTimeout", "must not be longer than Wickr:TotalTimeout");

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
        settings.RejectUnknownKeys("Wickr:CircuitBreaker", "Enabled", "FailureRatio", "MinimumThroughput", "SamplingDuration", "BreakDuration");
        return new CircuitBreakerOptions(
            settings.GetBool("Wickr:CircuitBreaker:Enabled", defaultValue: true),
            settings.GetDouble("Wickr:CircuitBreaker:FailureRatio", defaultValue: 0.5, min: 0.01, max: 1),
            settings.GetInt("Wickr:CircuitBreaker:MinimumThroughput", defaultValue: 20, min: 2, max: 100_000),
            settings.GetDuration("Wickr:CircuitBreaker:SamplingDuration", defaultValue: TimeSpan.FromSeconds(10), Least, Most),
            settings.GetDuration("Wickr:CircuitBreaker:BreakDuration", defaultValue: TimeSpan.FromSeconds(5), Least, Most));
    }
}
