using System.Security.Cryptography;

namespace WickrSimulator.Control;

/// <summary>Faults in the order they were posted; the first one applies until its count is used up.</summary>
internal sealed class FaultQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Fault> _faults = new();
    private int _remaining;
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
        {
            _faults.Enqueue(fault);
            if (_faults.Count == 1)
                _remaining = fault.Count;
        }
    }

    /// <summary>The fault for the next request; null when the queue is empty or the first fault's probability spares the request.</summary>
    public Fault? Take()
    {
        lock (_gate)
        {
            if (!_faults.TryPeek(out var fault) || !Applies(fault.Probability))
                return null;

            if (--_remaining == 0)
            {
                _faults.Dequeue();
                if (_faults.TryPeek(out var next))
                    _remaining = next.Count;
            }

            return fault;
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
}
