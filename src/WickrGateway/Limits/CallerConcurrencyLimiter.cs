using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace WickrGateway.Limits;

/// <summary>Limits the requests of each caller that are under way at once. Thread-safe.</summary>
internal class CallerConcurrencyLimiter(int limit)
{
    private readonly ConcurrentDictionary<string, StrongBox<int>> _underWay = new(StringComparer.Ordinal);

    /// <summary>Each call that returns true must be followed by one of <see cref="Leave"/>.</summary>
    public bool TryEnter(string callerName)
    {
        var count = _underWay.GetOrAdd(callerName, static _ => new StrongBox<int>());
        if (Interlocked.Increment(ref count.Value) <= limit)
            return true;

        Interlocked.Decrement(ref count.Value);
        return false;
    }

    public void Leave(string callerName) => Interlocked.Decrement(ref _underWay[callerName].Value);
}

/// <summary>Limits the bulk requests of each caller that are under way at once. Thread-safe.</summary>
internal sealed class BulkLimiter(RateLimitOptions options) : CallerConcurrencyLimiter(options.Bulk);
