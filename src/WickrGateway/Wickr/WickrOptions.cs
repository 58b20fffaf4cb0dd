using System.Collections.Frozen;
using WickrGateway.Configuration;

namespace WickrGateway.Wickr;

/// <summary>How to reach Wickr, and how long a call may take.</summary>
/// <param name="Default">For the networks that have no settings of their own; null when they are unknown.</param>
/// <param name="Networks">By network id.</param>
/// <param name="Proxy">HTTP CONNECT proxy for Wickr and STS, with user and password if it needs them; null for none.</param>
/// <param name="MaxAttempts">Attempts in all, 1 to 10.</param>
/// <param name="AttemptTimeout">For one attempt, the body of its response included; 50 ms to 5 minutes.</param>
/// <param name="TotalTimeout">For the whole call, waits included; 1 s to 15 minutes.</param>
/// <param name="MaxConcurrency">Calls under way at once, 1 to 10,000; each may hold a connection to Wickr.</param>
/// <param name="QueueLimit">Calls that wait for one of those permits, 0 to 100,000; each holds its caller's connection and request.</param>
/// <param name="PropagateTraceContext">Whether Wickr gets <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context).</param>
internal sealed record WickrOptions(
    NetworkSettings? Default,
    IReadOnlyDictionary<string, NetworkSettings> Networks,
    RoleSessionOptions Roles,
    Uri? Proxy,
    int MaxAttempts,
    TimeSpan AttemptTimeout,
    TimeSpan TotalTimeout,
    int MaxConcurrency,
    int QueueLimit,
    CircuitBreakerOptions CircuitBreaker,
    bool PropagateTraceContext = false)
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxAttemptTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxTotalTimeout = TimeSpan.FromMinutes(15);

    public static WickrOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys(
            "Wickr", "Region", "Endpoint", "UseFips", "UseDualStack", "RoleArn", "ExternalId", "RoleDuration", "Attribution", "Networks", "Proxy",
            "MaxAttempts", "AttemptTimeout", "TotalTimeout", "MaxConcurrency", "QueueLimit", "PropagateTraceContext", "CircuitBreaker");

        var networks = settings.GetChildren("Wickr:Networks").ToFrozenDictionary(network => network.Name, network => ReadNetwork(settings, network.Key, network.Name), StringComparer.Ordinal);
        var location = WickrEndpoint.ReadDefault(settings, isOptional: networks.Count > 0);
        var role = RoleOptions.Read(settings, "Wickr");
        var options = new WickrOptions(
            location is null ? null : new NetworkSettings(location, role),
            networks,
            RoleSessionOptions.Read(settings),
            settings.GetUrl("Wickr:Proxy"),
            settings.GetInt("Wickr:MaxAttempts", defaultValue: 3, min: 1, max: 10),
            settings.GetDuration("Wickr:AttemptTimeout", defaultValue: TimeSpan.FromSeconds(5), MinTimeout, MaxAttemptTimeout),
            settings.GetDuration("Wickr:TotalTimeout", defaultValue: TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), MaxTotalTimeout),
            settings.GetInt("Wickr:MaxConcurrency", defaultValue: 256, min: 1, max: 10_000),
            settings.GetInt("Wickr:QueueLimit", defaultValue: 256, min: 0, max: 100_000),
            CircuitBreakerOptions.Read(settings),
            settings.GetBool("Wickr:PropagateTraceContext", defaultValue: false));
        if (options.AttemptTimeout > options.TotalTimeout)
            settings.AddError("Wickr:AttemptTimeout", "must not be longer than Wickr:TotalTimeout");

        return options;
    }

    /// <summary>All places, each once.</summary>
    public IReadOnlyList<WickrLocation> Locations => [.. Networks.Values.Concat(Default is null ? [] : [Default]).Select(network => network.Location).Distinct().OrderBy(location => location.Region, StringComparer.Ordinal)];

    /// <summary>Calls under way at once to all places together.</summary>
    public int MaxCalls => MaxConcurrency * Locations.Count;

    /// <summary>Null when the settings name neither the network nor a default region.</summary>
    public NetworkSettings? Find(string networkId) => Networks.GetValueOrDefault(networkId) ?? Default;

    private static NetworkSettings ReadNetwork(SettingsReader settings, string section, string networkId)
    {
        settings.RejectUnknownKeys(section, "Region", "Endpoint", "UseFips", "UseDualStack", "RoleArn", "ExternalId");
        if (!WickrIds.IsNetworkId(networkId))
            settings.AddError(section, $"the name must be a network id of exactly {WickrIds.NetworkIdLength} digits");

        return new NetworkSettings(WickrEndpoint.ReadNetwork(settings, section), RoleOptions.Read(settings, section));
    }
}

/// <summary>When the circuit breaker opens and closes.</summary>
/// <param name="FailureRatio">Share of failed calls at which it opens; 0.01 to 1.</param>
/// <param name="MinimumThroughput">Calls within the sampling duration before it can open; 2 (Polly's minimum) to 100,000.</param>
/// <param name="SamplingDuration">The time over which the share is computed; 0.5 s (Polly's minimum) to 10 minutes.</param>
/// <param name="BreakDuration">How long it stays open before one call probes Wickr; 0.5 s (Polly's minimum) to 10 minutes.</param>
internal sealed record CircuitBreakerOptions(bool Enabled, double FailureRatio, int MinimumThroughput, TimeSpan SamplingDuration, TimeSpan BreakDuration)
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Max = TimeSpan.FromMinutes(10);

    public static CircuitBreakerOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Wickr:CircuitBreaker", "Enabled", "FailureRatio", "MinimumThroughput", "SamplingDuration", "BreakDuration");
        return new CircuitBreakerOptions(
            settings.GetBool("Wickr:CircuitBreaker:Enabled", defaultValue: true),
            settings.GetDouble("Wickr:CircuitBreaker:FailureRatio", defaultValue: 0.5, min: 0.01, max: 1),
            settings.GetInt("Wickr:CircuitBreaker:MinimumThroughput", defaultValue: 20, min: 2, max: 100_000),
            settings.GetDuration("Wickr:CircuitBreaker:SamplingDuration", defaultValue: TimeSpan.FromSeconds(10), Min, Max),
            settings.GetDuration("Wickr:CircuitBreaker:BreakDuration", defaultValue: TimeSpan.FromSeconds(5), Min, Max));
    }
}
