using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>The state of the way to Wickr; read only when metrics are collected.</summary>
internal sealed class WickrGauges
{
    /// <summary>The worst first.</summary>
    private static readonly (CircuitState State, KeyValuePair<string, object?> Label)[] States =
    [
        (CircuitState.Open, new("state", "open")),
        (CircuitState.HalfOpen, new("state", "half-open")),
        (CircuitState.Closed, new("state", "closed")),
    ];

    public WickrGauges(IMeterFactory meters, RetryBudget budget, WickrPipeline pipeline, WickrCredentials credentials, WickrClock clock, TimeProvider time)
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        meter.CreateObservableGauge("wickr_gateway.retry_budget", () => budget.Tokens, "{token}", $"What is left of the {RetryBudget.Capacity} tokens that all calls share for retries.");
        meter.CreateObservableGauge(
            "wickr_gateway.circuit.state",
            () => ReadState(pipeline),
            description: "1 for the worst state that a network's circuit breaker is in.");
        meter.CreateObservableGauge("wickr_gateway.calls.active", () => pipeline.Active, "{call}", "Calls that hold one of Wickr:MaxConcurrency permits.");
        meter.CreateObservableGauge("wickr_gateway.queue.length", () => pipeline.Waiting, "{call}", "Calls that wait for a permit.");
        meter.CreateObservableGauge("wickr_gateway.credentials.expiry", () => Expiry(credentials, time), "s", "Until the AWS credentials in use expire; absent for those that do not.");
        meter.CreateObservableGauge("wickr_gateway.clock.correction", () => clock.Correction.TotalSeconds, "s", "Added to this host's clock when signing.");
    }

    private static IEnumerable<Measurement<int>> ReadState(WickrPipeline pipeline)
    {
        var states = pipeline.Circuits.Select(circuit => circuit.State).ToHashSet();
        var worst = States.First(state => states.Contains(state.State)).State;
        return States.Select(state => new Measurement<int>(state.State == worst ? 1 : 0, state.Label));
    }

    private static Measurement<double>[] Expiry(WickrCredentials credentials, TimeProvider time) =>
        credentials.Expiration is { } expiration ? [new((expiration - time.GetUtcNow()).TotalSeconds)] : [];
}
