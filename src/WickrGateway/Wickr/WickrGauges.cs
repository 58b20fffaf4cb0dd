using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>The state of the ways to Wickr, by region; read only when metrics are collected.</summary>
internal sealed class WickrGauges
{
    /// <summary>The worst first.</summary>
    private static readonly (CircuitState State, string Label)[] States = [(CircuitState.Open, "open"), (CircuitState.HalfOpen, "half-open"), (CircuitState.Closed, "closed")];

    public WickrGauges(IMeterFactory meters, WickrRoutes routes, WickrCredentials credentials, RoleSessions sessions, TimeProvider time)
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        // Two endpoints of one region have one value.
        var regions = routes.All.GroupBy(route => route.Location.Region, StringComparer.Ordinal).Select(group => (Label: new KeyValuePair<string, object?>("region", group.Key), Routes: group.ToList())).ToList();
        meter.CreateObservableGauge("wickr_gateway.retry_budget", () => Read(route => route.Pipeline.Budget.Tokens, values => values.Min()), "{token}", $"What is left of the {RetryBudget.Capacity} tokens that all calls to a region share for retries.");
        meter.CreateObservableGauge(
            "wickr_gateway.circuit.state",
            () => regions.SelectMany(region => ReadState(region.Label, region.Routes)),
            description: "1 for the worst state that a circuit breaker of a network in the region is in.");
        meter.CreateObservableGauge("wickr_gateway.calls.active", () => Read(route => route.Pipeline.Active, values => values.Sum()), "{call}", "Calls that hold one of the region's Wickr:MaxConcurrency permits.");
        meter.CreateObservableGauge("wickr_gateway.queue.length", () => Read(route => route.Pipeline.Waiting, values => values.Sum()), "{call}", "Calls that wait for a permit.");
        meter.CreateObservableGauge("wickr_gateway.clock.correction", () => Read(route => route.Clock.Correction.TotalSeconds, values => values.MaxBy(Math.Abs)), "s", "Added to this host's clock when signing.");
        meter.CreateObservableGauge("wickr_gateway.credentials.expiry", () => Expiry(credentials, time), "s", "Until the gateway's own AWS credentials in use expire; absent for those that do not.");
        meter.CreateObservableGauge("wickr_gateway.role.sessions", () => sessions.Count, "{session}", "Sessions of roles that are kept.");

        IEnumerable<Measurement<T>> Read<T>(Func<WickrRoute, T> value, Func<IEnumerable<T>, T> combine)
            where T : struct => regions.Select(region => new Measurement<T>(combine(region.Routes.Select(value)), region.Label));
    }

    private static IEnumerable<Measurement<int>> ReadState(KeyValuePair<string, object?> region, IReadOnlyList<WickrRoute> routes)
    {
        var states = routes.SelectMany(route => route.Pipeline.Circuits).Select(circuit => circuit.State).ToHashSet();
        var worst = States.First(state => states.Contains(state.State)).State;
        return States.Select(state => new Measurement<int>(state.State == worst ? 1 : 0, new("state", state.Label), region));
    }

    private static Measurement<double>[] Expiry(WickrCredentials credentials, TimeProvider time) =>
        credentials.Expiration is { } expiration ? [new((expiration - time.GetUtcNow()).TotalSeconds)] : [];
}
