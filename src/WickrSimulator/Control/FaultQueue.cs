namespace WickrSimulator.Control;

/// <summary>Faults in the order they were posted; the first one is spent until its count is used up.</summary>
internal sealed class FaultQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<FaultRequest> _faults = new();
    private int _left;
    private CancellationTokenSource _reset = new();

    /// <summary>Ends what hangs or waits now, when the simulator is reset.</summary>
    public CancellationToken ResetToken
    {
        get
        {
            lock (_gate)
                return _reset.Token;
        }
    }

    public void Add(FaultRequest fault)
    {
        lock (_gate)
        {
            _faults.Enqueue(fault);
            if (_faults.Count == 1)
                _left = fault.Count;
        }
    }

    /// <summary>The fault for the next request, if there is one and its probability does not let the request off.</summary>
    public FaultRequest? Take()
    {
        lock (_gate)
        {
            if (!_faults.TryPeek(out var fault) || !Hits(fault.Probability))
                return null;

            if (--_left == 0)
            {
                _faults.Dequeue();
                if (_faults.TryPeek(out var next))
                    _left = next.Count;
            }

            return fault;
        }
    }

    public void Reset()
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            _faults.Clear();
            (old, _reset) = (_reset, new CancellationTokenSource());
        }

        old.Cancel();
        old.Dispose();
    }

    public void Dispose() => _reset.Dispose();

    private static bool Hits(double probability) => probability >= 1 || System.Security.Cryptography.RandomNumberGenerator.GetInt32(1_000_000) < probability * 1_000_000;
}
