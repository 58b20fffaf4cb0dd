using System.Diagnostics;
using System.Net.Sockets;

namespace WickrGateway.Benchmarks.Load;

/// <summary>The number of responses and the time in which they were received.</summary>
internal sealed record LoadResult(long Requests, TimeSpan Duration)
{
    public double RequestsPerSecond => Requests / Duration.TotalSeconds;
}

/// <summary>Three kinds of load: as many requests as possible, one after the other, and at a fixed rate.</summary>
internal static class Loads
{
    private const int FixedRateConnections = 32;

    /// <summary>What generates the saturating load: <c>wrk</c> or <c>oha</c>, which take less CPU time than a client in .NET, else this program's client.</summary>
    public static string Saturator { get; } = Wrk.IsInstalled ? "wrk" : Oha.IsInstalled ? "oha" : "the benchmark's own client";

    /// <summary>Each connection sends its next request as soon as it has received the response.</summary>
    public static LoadResult Saturate(int port, int ids, int connections, TimeSpan duration) =>
        Wrk.IsInstalled ? Wrk.Saturate(port, ids, connections, duration)
        : Oha.IsInstalled ? Oha.Saturate(port, ids, connections, duration)
        : Saturate(port, SampleCall.Bytes(ids), connections, duration);

    private static LoadResult Saturate(int port, byte[] request, int connections, TimeSpan duration)
    {
        var count = 0L;
        var clock = Stopwatch.StartNew();
        OnThreads(connections, port, connection =>
        {
            var sent = 0L;
            for (; clock.Elapsed < duration; sent++)
                connection.Exchange(request);

            Interlocked.Add(ref count, sent);
        });
        return new LoadResult(count, clock.Elapsed);
    }

    /// <summary>The latencies of calls that are sent one after the other on one connection.</summary>
    public static List<TimeSpan> OneByOne(int port, byte[] request, TimeSpan duration)
    {
        var latencies = new List<TimeSpan>();
        using var connection = new RawConnection(port);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < duration;)
        {
            var start = Stopwatch.GetTimestamp();
            connection.Exchange(request);
            latencies.Add(Stopwatch.GetElapsedTime(start));
        }

        return latencies;
    }

    /// <summary>
    /// The latencies of calls that are due at a fixed rate, whether or not earlier ones have ended. When all connections are busy, the wait
    /// for one counts as latency; a sleep that lasts too long does not, because that is the client's delay.
    /// </summary>
    public static List<TimeSpan> AtRate(int port, byte[] request, int perSecond, TimeSpan duration)
    {
        var latencies = new List<TimeSpan>();
        var next = -1;
        var last = (int)(perSecond * duration.TotalSeconds);
        var clock = Stopwatch.StartNew();
        OnThreads(FixedRateConnections, port, connection =>
        {
            var own = new List<TimeSpan>();
            for (int due; (due = Interlocked.Increment(ref next)) < last;)
            {
                var from = TimeSpan.FromSeconds((double)due / perSecond);
                if (clock.Elapsed < from)
                {
                    Thread.Sleep(from - clock.Elapsed is { Ticks: > 0 } wait ? wait : TimeSpan.Zero);
                    from = clock.Elapsed;
                }

                connection.Exchange(request);
                own.Add(clock.Elapsed - from);
            }

            lock (latencies)
                latencies.AddRange(own);
        });
        return latencies;
    }

    private static void OnThreads(int count, int port, Action<RawConnection> work)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(
            () =>
            {
                try
                {
                    using var connection = new RawConnection(port);
                    work(connection);
                }
                catch (Exception exception) when (exception is SocketException or BenchmarkException)
                {
                    failure = exception;
                }
            },
            maxStackSize: 256 * 1024)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failure is not null)
            throw new BenchmarkException($"The load failed: {failure.Message}");
    }
}
