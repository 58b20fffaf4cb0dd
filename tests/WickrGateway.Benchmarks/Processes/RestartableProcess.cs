using System.Collections.Concurrent;
using System.Diagnostics;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>The gateway or the simulator in a process that can be stopped, killed and started again on the same port.</summary>
/// <param name="output">Gets each line of standard output, of all starts.</param>
internal sealed class RestartableProcess(ServerPlan plan, Uri? upstream, Action<ReadOnlyMemory<byte>> output) : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly int _port = LoopbackPort.FindFree();
    private readonly ConcurrentQueue<string> _errors = new();
    private Process? _process;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public int Id => _process!.Id;

    /// <summary>Of the last start.</summary>
    public OutputReader Output { get; private set; } = null!;

    public async Task StartAsync()
    {
        var start = plan.Start(_port, upstream);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginErrorReadLine();
        Output = new OutputReader(_process.StandardOutput.BaseStream, output);
        await WaitUntilHealthyAsync();
    }

    /// <summary>Sends SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM and returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        // .NET can only send SIGKILL itself.
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process!.Id}"]);
        await kill.WaitForExitAsync();
        return await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;

        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<int> WaitForExitAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(Timeout);
        await Output.Completion.WaitAsync(Timeout);
        return _process.ExitCode;
    }

    private async Task WaitUntilHealthyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(2) };
        using var deadline = new CancellationTokenSource(Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await timer.WaitForNextTickAsync(deadline.Token))
        {
            if (_process!.HasExited)
                throw new BenchmarkException($"{plan.Name} exited with {_process.ExitCode}: {string.Join('\n', _errors)}");

            try
            {
                using var response = await client.GetAsync("/healthz", deadline.Token);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
            {
                // It does not listen yet, or is busy starting.
            }
        }
    }
}
