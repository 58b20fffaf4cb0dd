namespace WickrGateway.Limits;

/// <summary>
/// The rates of remote addresses. The table has a fixed size of 8192 addresses; one that needs room replaces the one that was used longest
/// ago. Thread-safe.
/// </summary>
internal sealed class AddressRates(TimeProvider time)
{
    private const int Sets = 2048;
    private const int Ways = 4;

    private readonly Entry?[] _table = new Entry?[Sets * Ways];
    private readonly Lock _lock = new();

    public RateState Acquire(RateLimit limit, string address)
    {
        lock (_lock)
        {
            var entry = GetEntry(address);
            entry.LastUse = time.GetTimestamp();
            return entry.Rate.Acquire(limit);
        }
    }

    private Entry GetEntry(string address)
    {
        // Strings have a random hash seed in each process, so addresses cannot be chosen to evict another client's entry.
        var first = (int)((uint)address.GetHashCode(StringComparison.Ordinal) % Sets) * Ways;
        var oldest = first;
        for (var way = first; way < first + Ways; way++)
        {
            if (_table[way] is { } entry && entry.Address == address)
                return entry;

            if (_table[oldest] is { } candidate && (_table[way] is not { } other || other.LastUse < candidate.LastUse))
                oldest = way;
        }

        return _table[oldest] = new Entry(address, new Gcra(time));
    }

    private sealed class Entry(string address, Gcra rate)
    {
        public string Address { get; } = address;

        public Gcra Rate { get; } = rate;

        /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
        public long LastUse { get; set; }
    }
}
