using System.Collections.Concurrent;

namespace WickrGateway.Limits;

/// <summary>Counts in this process alone. The counts are gone after a restart.</summary>
internal sealed class LocalLimitStore(TimeProvider time) : ILimitStore, IDisposable
{
    /// <summary>By caller's name; as many as the configuration has.</summary>
    private readonly ConcurrentDictionary<string, Gcra> _callers = new(StringComparer.Ordinal);
    private readonly AddressRates _addresses = new(time);

    public LocalSuspendCounts Suspended { get; } = new(time);

    public ValueTask<RateState> AcquireAsync(RateLimit limit, string name) => ValueTask.FromResult(Acquire(limit, name));

    public RateState Acquire(RateLimit limit, string name) => limit.Scope == RateScope.Caller
        ? _callers.GetOrAdd(name, static (_, clock) => new Gcra(clock), time).Acquire(limit)
        : _addresses.Acquire(limit, name);

    public ValueTask<SuspendCounts> ReserveAsync(SuspendCharge charge) => ValueTask.FromResult(Suspended.Reserve(charge));

    public ValueTask<SuspendCounts> PreviewAsync(SuspendCharge charge) => ValueTask.FromResult(Suspended.Preview(charge));

    public void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released) => Suspended.Settle(charge, suspended, released);

    public void Dispose() => Suspended.Dispose();
}
