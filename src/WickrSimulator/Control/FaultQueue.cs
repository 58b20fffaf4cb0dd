using System.Security.Cryptography;

namespace WickrSimulator.Control;

/// <summary>Faults in the order they were posted; the first one for a network applies to it until its count is used up.</summary>
internal sealed class FaultQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _faults = [];
    private CancellationTokenSource _reset = new();

    /// <summary>Cancelled when the simulator is reset, to end requests that hang or wait.</summary>
    public CancellationToken ResetToken
    {
        get
        {
            lock (_gate)
                return _reset.Token;
        }
    }

    public void Add(Fault fault)
    {
        lock (_gate)
            _faults.Add(new Waiting(fault) { Remaining = fault.Count });
    }

    /// <summary>The fault for the next request to the network; null when there is none for it, or the first one's probability spares the request.</summary>
    public Fault? Take(string networkId)
    {
        lock (_gate)
        {
            if (_faults.Find(waiting => waiting.Fault.NetworkId is null || waiting.Fault.NetworkId == networkId) is not { } next || !Applies(next.Fault.Probability))
                return null;

            if (--next.Remaining == 0)
                _faults.Remove(next);

            return next.Fault;
        }
    }

    public void Reset()
    {
        CancellationTokenSource previous;
        lock (_gate)
        {
            _faults.Clear();
            (previous, _reset) = (_reset, new CancellationTokenSource());
        }

        previous.Cancel();
        previous.Dispose();
    }

    public void Dispose() => _reset.Dispose();

    private static bool Applies(double probability) => probability >= 1 || RandomNumberGenerator.GetInt32(1_000_000) < probability * 1_000_000;

    private sealed class Waiting(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int Remaining { get; set; }
    }
}
