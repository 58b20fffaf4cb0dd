using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using WickrGateway.Benchmarks.Load;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>How a server is started: what to run, and how it learns its port and its upstream.</summary>
internal sealed record ServerPlan(string Name, Func<int, Uri?, ProcessStartInfo> Start)
{
    /// <summary>Not when it was started as <c>dotnet WickrGateway.Benchmarks.dll</c>.</summary>
    private static bool IsProgramItself => Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "dotnet";

    public static ServerPlan Own(string name, string word) => new(name, (port, upstream) => new ProcessStartInfo(Environment.ProcessPath!, IsProgramItself ? [word] : [typeof(ServerPlan).Assembly.Location, word])
    {
        Environment = { [MinimalServer.Port] = $"{port}", [MinimalServer.Upstream] = upstream?.AbsoluteUri.TrimEnd('/') },
    });

    /// <summary>Any other proxy: a shell command that listens on 127.0.0.1:<c>$PORT</c> and asks <c>$UPSTREAM</c>.</summary>
    public static ServerPlan Command(string name, string command) => new(name, (port, upstream) => new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"])
    {
        Environment = { [MinimalServer.Port] = $"{port}", [MinimalServer.Upstream] = upstream?.AbsoluteUri.TrimEnd('/') },
    });
}

/// <summary>A server as a process of its own, its output read as a container's engine would read it, ended with its children.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    /// <param name="cores">Where it runs, as <c>taskset</c> lists cores; null for where this program does.</param>
    public ServerProcess(ServerPlan plan, Uri? upstream, string? cores)
    {
        Name = plan.Name;
        Port = FreePort();
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
            FirstTwenty(clock);
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

    /// <summary>From the start of the process to the end of the first answer.</summary>
    public TimeSpan FirstAnswer { get; private set; }

    /// <summary>The slowest of the first 20 answers, each reckoned from its request.</summary>
    public TimeSpan SlowestOfFirstTwenty { get; private set; }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>On a thread of its own, so that it takes as little as it can from the load beside it.</summary>
    private static void Drain(object? output)
    {
        var buffer = new byte[64 * 1024];
        while (((Stream)output!).Read(buffer) > 0)
        {
        }
    }

    private void FirstTwenty(Stopwatch clock)
    {
        var request = SampleCall.Bytes(SampleCall.UsualIds);
        using var connection = ConnectFirst(clock);
        for (var answer = 0; answer < 20; answer++)
        {
            var start = Stopwatch.GetTimestamp();
            connection.Exchange(request);
            if (answer == 0)
                FirstAnswer = clock.Elapsed;

            var took = Stopwatch.GetElapsedTime(start);
            SlowestOfFirstTwenty = took > SlowestOfFirstTwenty ? took : SlowestOfFirstTwenty;
        }
    }

    private RawConnection ConnectFirst(Stopwatch clock)
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
