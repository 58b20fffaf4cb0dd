using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using WickrGateway.Benchmarks.Load;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>A running server. Its output is read as a container engine reads it, and it is killed with its children.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    /// <param name="cores">The cores it runs on, as <c>taskset</c> lists them; null for those of this program.</param>
    /// <exception cref="BenchmarkException">It does not listen within 30 s, or its response is not a 200.</exception>
    public ServerProcess(ServerPlan plan, Uri? upstream, string? cores)
    {
        Name = plan.Name;
        Port = LoopbackPort.FindFree();
        var start = plan.Start(Port, upstream);
        if (cores is not null)
        {
            start.ArgumentList.Insert(0, start.FileName);
            start.ArgumentList.Insert(0, cores);
            start.ArgumentList.Insert(0, "-c");
            start.FileName = "taskset";
        }

        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var clock = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        new Thread(Drain) { IsBackground = true }.Start(_process.StandardOutput.BaseStream);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (_errors.Length < 4000)
                _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
        Meter = new ProcessMeter(_process.Id);
        try
        {
            MeasureFirstResponses(clock);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public ProcessMeter Meter { get; }

    /// <summary>From the start of the process to the end of the first response.</summary>
    public TimeSpan FirstResponse { get; private set; }

    /// <summary>The slowest of the first 20 responses, each measured from its request.</summary>
    public TimeSpan SlowestOfFirstTwenty { get; private set; }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Runs on a thread of its own: a blocking read takes the least CPU time from the load.</summary>
    private static void Drain(object? output)
    {
        var buffer = new byte[64 * 1024];
        while (((Stream)output!).Read(buffer) > 0)
        {
        }
    }

    private void MeasureFirstResponses(Stopwatch clock)
    {
        var request = SampleCall.Bytes(SampleCall.DefaultIds);
        using var connection = WaitForConnection(clock);
        for (var response = 0; response < 20; response++)
        {
            var start = Stopwatch.GetTimestamp();
            connection.Exchange(request);
            if (response == 0)
                FirstResponse = clock.Elapsed;

            var duration = Stopwatch.GetElapsedTime(start);
            SlowestOfFirstTwenty = duration > SlowestOfFirstTwenty ? duration : SlowestOfFirstTwenty;
        }
    }

    private RawConnection WaitForConnection(Stopwatch clock)
    {
        while (clock.Elapsed < StartTimeout && !_process.HasExited)
        {
            try
            {
                return new RawConnection(Port);
            }
            catch (SocketException)
            {
                Thread.Sleep(1);
            }
        }

        throw new BenchmarkException($"{Name} does not listen on 127.0.0.1:{Port}:\n{_errors}");
    }
}
