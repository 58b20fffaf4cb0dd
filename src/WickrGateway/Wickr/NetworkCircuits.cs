using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;

namespace WickrGateway.Wickr;

/// <summary>Whether the settings name the network; asked for each call, because they change while the gateway runs.</summary>
internal delegate bool IsNamedNetwork(string networkId);

/// <summary>The circuit breaker of one network, or of several, with the strategies that are built around it.</summary>
internal sealed class NetworkCircuit
{
    private readonly CircuitBreakerOptions _options;
    private readonly TimeProvider _time;
    private long _opened;

    /// <param name="network">As operators read it.</param>
    /// <param name="build">Builds all that surrounds the attempts of a call to this network.</param>
    public NetworkCircuit(string network, CircuitBreakerOptions options, TimeProvider time, Func<NetworkCircuit, ResiliencePipeline<AttemptResult>> build)
    {
        (Network, _options, _time) = (network, options, time);
        Strategies = build(this);
    }

    public string Network { get; }

    /// <summary>What Polly says: after a break it stays open until somebody calls.</summary>
    public CircuitBreakerStateProvider Breaker { get; } = new();

    public ResiliencePipeline<AttemptResult> Strategies { get; }

    /// <summary>
    /// For operators: half-open once the next call is the probe, and closed when there was no call for so long that no call of before would
    /// count any more. Otherwise a network without calls would be reported as failing for ever.
    /// </summary>
    public CircuitState State
    {
        get
        {
            if (Breaker.CircuitState != CircuitState.Open)
                return Breaker.CircuitState;

            var sinceBreak = _time.GetElapsedTime(Interlocked.Read(ref _opened)) - _options.BreakDuration;
            if (sinceBreak < TimeSpan.Zero)
                return CircuitState.Open;

            return sinceBreak < _options.SamplingDuration ? CircuitState.HalfOpen : CircuitState.Closed;
        }
    }

    public void SetOpened() => Interlocked.Exchange(ref _opened, _time.GetTimestamp());
}

/// <summary>
/// One circuit for each network that the settings name, so that one failing network does not stop the others, and one for all others
/// together: a caller of every network could make up 10^8 of them.
/// </summary>
internal sealed class NetworkCircuits(IsNamedNetwork isNamed, Func<string, NetworkCircuit> create)
{
    /// <summary>A circuit takes some KiB. Networks beyond this number share the one of the others.</summary>
    private const int MaxNamed = 1000;

    private readonly ConcurrentDictionary<string, NetworkCircuit> _named = new(StringComparer.Ordinal);
    private readonly NetworkCircuit _others = create("all other networks");

    public IEnumerable<NetworkCircuit> All => _named.Where(circuit => isNamed(circuit.Key)).OrderBy(circuit => circuit.Key, StringComparer.Ordinal).Select(circuit => circuit.Value).Append(_others);

    public NetworkCircuit For(string networkId)
    {
        if (!isNamed(networkId))
            return _others;

        if (_named.TryGetValue(networkId, out var known))
            return known;

        if (_named.Count >= MaxNamed)
            RemoveUnnamed();

        return _named.Count < MaxNamed ? _named.GetOrAdd(networkId, create) : _others;
    }

    private void RemoveUnnamed()
    {
        foreach (var networkId in _named.Keys.Where(networkId => !isNamed(networkId)))
            _named.TryRemove(networkId, out _);
    }
}
