using System.Net;
using WickrGateway.Hosting;

namespace WickrGateway.Policy;

/// <summary>
/// Limits failed authentications for each remote address. IPv6 addresses are counted by their /64 prefix, because a client usually controls
/// all addresses in it. The table has a fixed size of 8192 addresses; an address that needs room replaces the one that failed longest ago.
/// </summary>
internal sealed class AuthFailureLimiter(RateLimitOptions options, TimeProvider time)
{
    private const int Sets = 2048;
    private const int Ways = 4;

    private readonly int _perMinute = options.FailuresPerMinute;
    private readonly Entry?[] _table = new Entry?[Sets * Ways];
    private readonly Lock _lock = new();

    /// <summary>Counts one failure. Thread-safe.</summary>
    /// <returns>Null within the limit, else the time until the next failure is within it again.</returns>
    public TimeSpan? RecordFailure(IPAddress? address)
    {
        var client = ClientAddress.Of(address);
        lock (_lock)
        {
            var entry = GetEntry(client);
            entry.LastFailure = time.GetTimestamp();
            return entry.Bucket.TryAcquire() ? null : entry.Bucket.GetState().RetryAfter;
        }
    }

    private Entry GetEntry(ClientAddress client)
    {
        // HashCode has a random seed in each process, so addresses cannot be chosen to evict another client's entry.
        var first = (int)((uint)HashCode.Combine(client.Prefix, client.IsV6) % Sets) * Ways;
        var oldest = first;
        for (var way = first; way < first + Ways; way++)
        {
            if (_table[way] is { } entry && entry.Client == client)
                return entry;

            if (_table[oldest] is { } candidate && (_table[way] is not { } other || other.LastFailure < candidate.LastFailure))
                oldest = way;
        }

        return _table[oldest] = new Entry(client, new TokenBucket(_perMinute, _perMinute / 60.0, time));
    }

    private sealed class Entry(ClientAddress client, TokenBucket bucket)
    {
        public ClientAddress Client { get; } = client;

        public TokenBucket Bucket { get; } = bucket;

        /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
        public long LastFailure { get; set; }
    }
}
