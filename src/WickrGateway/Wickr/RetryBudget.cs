namespace WickrGateway.Wickr;

/// <summary>
/// What all calls together may spend on retries, so that a failing Wickr sees little more than the calls themselves. The figures and the
/// way of giving back are those that AWS published for its clients' standard mode.
/// </summary>
internal sealed class RetryBudget(int tokens = RetryBudget.Capacity)
{
    public const int Capacity = 500;
    public const int TransientCost = 14;
    public const int ThrottlingCost = 5;

    /// <summary>What a success that needed no retry gives back.</summary>
    public const int FirstTryIncome = 1;

    private readonly Lock _gate = new();
    private int _tokens = tokens;

    public int Tokens
    {
        get
        {
            lock (_gate)
                return _tokens;
        }
    }

    public bool TryTake(WickrCallState call, RetryReason reason)
    {
        var cost = reason == RetryReason.Throttling ? ThrottlingCost : TransientCost;
        lock (_gate)
        {
            if (_tokens < cost)
                return false;

            _tokens -= cost;
        }

        call.Taken = cost;
        return true;
    }

    /// <summary>The attempt that succeeded gives back what it took; earlier ones of the same call were spent in vain.</summary>
    public void Succeeded(WickrCallState call)
    {
        lock (_gate)
            _tokens = Math.Min(Capacity, _tokens + (call.Taken > 0 ? call.Taken : FirstTryIncome));
    }
}
