using System.Diagnostics;
using System.Net.Sockets;

namespace WickrGateway.Benchmarks.Load;

/// <summary>How many answers came, and in which time.</summary>
internal sealed record LoadResult(long Requests, TimeSpan Duration)
{
    public double RequestsPerSecond => Requests / Duration.TotalSeconds;
}

/// <summary>The three ways of asking: as much as goes, one after the other, and at a fixed rate.</summary>
internal static class Loads
{
    private const int FixedRateConnections = 32;

    /// <summary>What saturates: a tool of the machine's, which costs it less than a client written in .NET, or the client here.</summary>
    public static string Saturator { get; } = Wrk.IsThere ? "wrk" : Oha.IsThere ? "oha" : "the benchmark's own client";

    /// <summary>Each connection asks again as soon as it has its answer.</summary>
    public static LoadResult Saturate(int port, int ids, int connections, TimeSpan duration) =>
        Wrk.IsThere ? Wrk.Saturate(port, ids, connections, duration)
        : Oha.IsThere ? Oha.Saturate(port, ids, connections, duration)
        : Saturate(port, SampleCall.Bytes(ids), connections, duration);

    private static LoadResult Saturate(int port, byte[] request, int connections, TimeSpan duration)
    {
        var count = 0L;
        var clock = Stopwatch.StartNew();
        OnThreads(connections, port, connection =>
        {
            var own = 0L;
            for (; clock.Elapsed < duration; own++)
                connection.Exchange(request);

            Interlocked.Add(ref count, own);
        });
        return new LoadResult(count, clock.Elapsed);
    }

    /// <summary>The latencies of calls one after the other on one connection.</summary>
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
    /// Calls that fall due at a fixed rate whether or not earlier ones were answered. When every connection is busy the wait for one
    /// counts as latency; that a sleep lasts longer than asked for does not, it is the client's own.
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
        Exception? fault = null;
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(
            () =>
            {
                try
                {
                    using var connection = new RawConnection(port);
                    work(connection);
                }
                catch (Exception any) when (any is SocketException or BenchmarkException)
                {
                    fault = any;
                }
            },
            maxStackSize: 256 * 1024)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (fault is not null)
            throw new BenchmarkException($"The load broke off: {fault.Message}");
    }
}
