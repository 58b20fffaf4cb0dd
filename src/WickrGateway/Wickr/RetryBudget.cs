namespace WickrGateway.Wickr;

/// <summary>
/// What all calls together may spend on retries, so that a failing Wickr gets hardly more requests than a healthy one. The figures and the
/// rule for refunds are those that AWS published for its clients' standard mode.
/// </summary>
internal sealed class RetryBudget(int tokens = RetryBudget.Capacity)
{
    public const int Capacity = 500;
    public const int TransientCost = 14;
    public const int ThrottlingCost = 5;

    /// <summary>What a success without a retry returns to the budget.</summary>
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

    public static int CostOf(RetryReason reason) => reason switch
    {
        RetryReason.Transient => TransientCost,
        RetryReason.Throttling => ThrottlingCost,
        _ => 0,
    };

    /// <summary>False when another call spent the tokens meanwhile.</summary>
    public bool TrySpend(int cost)
    {
        lock (_gate)
        {
            if (_tokens < cost)
                return false;

            _tokens -= cost;
            return true;
        }
    }

    /// <summary>For a call that succeeded.</summary>
    /// <param name="lastCost">What its last retry cost, which is returned; what earlier ones cost is lost. 0 for a success at the first try.</param>
    public void Refund(int lastCost)
    {
        lock (_gate)
            _tokens = Math.Min(Capacity, _tokens + (lastCost > 0 ? lastCost : FirstTryIncome));
    }
}
