using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;
using System.Net;
using System.Net.Sockets;

namespace WickrGateway.Tests.Hosting;

/// <summary>
/// Runs inside a gateway's process and finds the threads for sockets waiting for anything but sockets. They go on with requests
/// themselves, so such a wait holds up other requests, and a wait for a response that the same thread would have to read never ends.
/// </summary>
internal sealed class SocketThreadWatch : EventListener
{
    /// <summary>The file that gets a line for each wait.</summary>
    private const string FileVariable = "WICKR_GATEWAY_TESTS_SOCKET_WAITS";

    /// <summary>Makes the watch block such a thread itself, to show that it would see it.</summary>
    public const string SelfTestVariable = "WICKR_GATEWAY_TESTS_BLOCK_SOCKETS";

    private const string ThreadName = ".NET Sockets";
    private const EventKeywords Contention = (EventKeywords)0x4000;
    private const EventKeywords WaitHandle = (EventKeywords)0x40000000000;

    /// <summary>Locks that are held for moments are waited for now and then.</summary>
    private static readonly TimeSpan MaxContention = TimeSpan.FromMilliseconds(200);

    /// <summary>Static, like the file: the base class passes on events while it is constructed.</summary>
    private static readonly ConcurrentDictionary<long, bool> IsKnownSocketThread = [];
    private static readonly ConcurrentDictionary<long, bool> WaitsForLock = [];

    private static string? s_file;

    /// <summary>Whether this process is a gateway that a test has started.</summary>
    public static bool IsWatched => Environment.GetEnvironmentVariable(FileVariable) is not null;

    /// <summary>The variables for the process to watch.</summary>
    public static IEnumerable<(string Name, string Value)> Variables(string file) => [("DOTNET_STARTUP_HOOKS", typeof(SocketThreadWatch).Assembly.Location), (FileVariable, file)];

    public static void Begin()
    {
        s_file = Environment.GetEnvironmentVariable(FileVariable);
        if (s_file is null || !OperatingSystem.IsLinux())
            return;

        // The runtime keeps it.
        _ = new SocketThreadWatch();
        if (Environment.GetEnvironmentVariable(SelfTestVariable) is not null)
            _ = BlockSocketThreadAsync();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Verbose, WaitHandle | Contention);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (!IsKnownSocketThread.GetOrAdd(eventData.OSThreadId, IsSocketThread) || !IsBlocked(eventData.OSThreadId, eventData.EventName!, eventData.Payload))
            return;

        lock (IsKnownSocketThread)
            File.AppendAllText(s_file!, $"{eventData.EventName} {string.Join(' ', eventData.Payload ?? new([]))}\n");
    }

    /// <summary>A lock that another thread holds is waited for by a wait handle too.</summary>
    private static bool IsBlocked(long thread, string name, IReadOnlyCollection<object?>? payload)
    {
        if (name.StartsWith("ContentionStart", StringComparison.Ordinal))
        {
            WaitsForLock[thread] = true;
            return false;
        }

        if (name.StartsWith("ContentionStop", StringComparison.Ordinal))
        {
            WaitsForLock[thread] = false;
            return payload?.OfType<double>().FirstOrDefault() > MaxContention.TotalNanoseconds;
        }

        return name.StartsWith("WaitHandleWaitStart", StringComparison.Ordinal) && !WaitsForLock.GetValueOrDefault(thread);
    }

    private static bool IsSocketThread(long thread)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{thread}/comm").TrimEnd() == ThreadName;
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    [SuppressMessage("Reliability", "CA1849:Call async methods when in an async method", Justification = "To block is the purpose.")]
    private static async Task BlockSocketThreadAsync()
    {
        // As the gateway does it, only earlier.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        // Again and again: the runtime passes on events only some time after they were asked for.
        while (true)
        {
            var reading = client.GetStream().ReadExactlyAsync(new byte[1]).AsTask().ContinueWith(_ => Task.Delay(50).Wait(), TaskContinuationOptions.ExecuteSynchronously);
            await server.GetStream().WriteAsync(new byte[1]);
            await reading;
        }
    }
}
