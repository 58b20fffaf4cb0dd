using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Wickr;

/// <summary>
/// Opens the connections to Wickr. The framework's own way waits in <c>getaddrinfo</c> on threads of the pool, and a name server that does
/// not respond then stops the whole process; it also tries addresses one after the other, so that one that drops packets uses up the time.
/// </summary>
/// <param name="resolve">Finds a host's addresses. It may block: it runs on a thread of its own, one for each host at most.</param>
internal sealed class WickrConnector(WickrOptions options, Func<string, IPAddress[]> resolve)
{
    /// <summary>The delay between two addresses that RFC 8305 (Happy Eyeballs, section 5) recommends.</summary>
    private static readonly TimeSpan MaxStagger = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a new connection waits for a look-up when addresses are known from an earlier one.</summary>
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _stagger = Shorter(MaxStagger, ConnectTimeout(options) / 4);
    private readonly TimeSpan _patience = Shorter(MaxPatience, ConnectTimeout(options) / 4);

    /// <summary>One entry for each host of Wickr's: the settings bound their number.</summary>
    private readonly ConcurrentDictionary<string, HostAddresses> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Shorter than an attempt, so that a host that drops packets is tried again within the call.</summary>
    public static TimeSpan ConnectTimeout(WickrOptions options) => options.AttemptTimeout / 2;

    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) => ConnectAsync(context.DnsEndPoint, cancellation);

    /// <exception cref="SocketException">The host is not known, or none of its addresses accepts a connection.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation)
    {
        var (host, port) = (endpoint.Host, endpoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await _hosts.GetOrAdd(host, name => new HostAddresses(name, resolve, _patience)).GetAsync(cancellation);
        var socket = await ConnectAnyAsync([.. AlternateFamilies(addresses).Select(address => new IPEndPoint(address, port))], cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>In the resolver's order, but with the families taking turns (RFC 8305, section 4): one family may be broken as a whole.</summary>
    private static IEnumerable<IPAddress> AlternateFamilies(IPAddress[] addresses) =>
        addresses
            .GroupBy(address => address.AddressFamily)
            .SelectMany((family, order) => family.Select((address, turn) => (address, turn, order)))
            .OrderBy(candidate => candidate.turn).ThenBy(candidate => candidate.order)
            .Select(candidate => candidate.address);

    /// <summary>The first connection that succeeds. The next address is tried when the one before has failed, or has not succeeded for a moment.</summary>
    private async Task<Socket> ConnectAnyAsync(IPEndPoint[] addresses, CancellationToken cancellation)
    {
        if (addresses.Length == 1)
            return await ConnectAsync(addresses[0], cancellation);

        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pending = new List<Task<Socket>>();
        var next = 0;
        try
        {
            while (true)
            {
                if (next < addresses.Length)
                    pending.Add(ConnectAsync(addresses[next++], losers.Token));

                var ended = await FirstToEndAsync(pending, next < addresses.Length ? _stagger : Timeout.InfiniteTimeSpan, cancellation);
                if (ended is null)
                    continue;

                pending.Remove(ended);
                if (ended.IsCompletedSuccessfully || (pending.Count == 0 && next == addresses.Length))
                    return await ended;
            }
        }
        finally
        {
            await losers.CancelAsync();
            foreach (var loser in pending)
                _ = DisposeAsync(loser);
        }
    }

    /// <summary>Null when none has ended within the time.</summary>
    private static async Task<Task<Socket>?> FirstToEndAsync(List<Task<Socket>> pending, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return await Task.WhenAny(pending).WaitAsync(timeout, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task DisposeAsync(Task<Socket> loser)
    {
        try
        {
            (await loser).Dispose();
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException)
        {
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>The addresses of one host: at most one look-up at a time, and the last known ones while it hangs or fails.</summary>
    private sealed class HostAddresses(string host, Func<string, IPAddress[]> resolve, TimeSpan patience)
    {
        private readonly Lock _gate = new();
        private Task<IPAddress[]>? _lookUp;
        private long _begun;
        private IPAddress[]? _known;

        public async Task<IPAddress[]> GetAsync(CancellationToken cancellation)
        {
            var (lookUp, age, known) = Begin();
            if (known is null)
                return await lookUp.WaitAsync(cancellation);

            try
            {
                // A call that comes while a look-up hangs does not wait for it again.
                return age < patience ? await lookUp.WaitAsync(patience - age, cancellation) : known;
            }
            catch (Exception failed) when (failed is TimeoutException or SocketException)
            {
                return known;
            }
        }

        private (Task<IPAddress[]> LookUp, TimeSpan Age, IPAddress[]? Known) Begin()
        {
            lock (_gate)
            {
                if (_lookUp is null or { IsCompleted: true })
                {
                    _begun = TimeProvider.System.GetTimestamp();
                    _lookUp = Task.Factory.StartNew(LookUp, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                }

                return (_lookUp, TimeProvider.System.GetElapsedTime(_begun), _known);
            }
        }

        private IPAddress[] LookUp()
        {
            var found = resolve(host);
            if (found.Length == 0)
                throw new SocketException((int)SocketError.HostNotFound);

            lock (_gate)
                _known = found;

            return found;
        }
    }
}
