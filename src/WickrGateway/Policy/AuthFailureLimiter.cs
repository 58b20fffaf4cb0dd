using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Policy;

/// <summary>
/// Counts failed authentications by remote address, IPv6 by its first 64 bits because whoever has one such address has them all. The table
/// has a fixed size: whatever addresses come, the ones that failed longest ago make room.
/// </summary>
internal sealed class AuthFailureLimiter(RateLimitOptions options, TimeProvider time)
{
    private const int Sets = 2048;
    private const int Ways = 4;

    private readonly int _perMinute = options.FailuresPerMinute;
    private readonly Entry?[] _table = new Entry?[Sets * Ways];
    private readonly Lock _lock = new();

    /// <summary>Counts a failure. When there were too many: how long until the next one is heard.</summary>
    public TimeSpan? RecordFailure(IPAddress? address)
    {
        var key = Key(address ?? IPAddress.None);
        lock (_lock)
        {
            var entry = Find(key);
            entry.LastFailure = time.GetTimestamp();
            return entry.Bucket.TryTake() ? null : entry.Bucket.State().RetryAfter;
        }
    }

    private Entry Find((ulong Address, bool IsV6) key)
    {
        // HashCode is seeded for each process, so nobody can choose addresses that push another's out.
        var first = (int)((uint)HashCode.Combine(key.Address, key.IsV6) % Sets) * Ways;
        var oldest = first;
        for (var way = first; way < first + Ways; way++)
        {
            if (_table[way] is { } entry && entry.Key == key)
                return entry;

            if (_table[oldest] is { } kept && (_table[way] is not { } other || other.LastFailure < kept.LastFailure))
                oldest = way;
        }

        return _table[oldest] = new Entry(key, new TokenBucket(_perMinute, _perMinute / 60.0, time));
    }

    private static (ulong Address, bool IsV6) Key(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        address.TryWriteBytes(bytes, out _);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes), address.AddressFamily == AddressFamily.InterNetworkV6);
    }

    private sealed class Entry((ulong Address, bool IsV6) key, TokenBucket bucket)
    {
        public (ulong Address, bool IsV6) Key { get; } = key;

        public TokenBucket Bucket { get; } = bucket;

        public long LastFailure { get; set; }
    }
}
