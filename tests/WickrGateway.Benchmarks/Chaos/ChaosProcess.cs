using System.Collections.Concurrent;
using System.Diagnostics;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>The gateway or the simulator in a process that can be killed and started again on the same port.</summary>
internal sealed class ChaosProcess(string program, string[] arguments) : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _errors = new();
    private Process? _process;

    public Uri Address { get; } = new($"http://127.0.0.1:{LoopbackPort.FindFree()}");

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), $"--urls={Address}", .. arguments])
            start.ArgumentList.Add(argument);

        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        start.Environment["AWS_ACCESS_KEY_ID"] = SimulatorDefaults.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = SimulatorDefaults.SecretAccessKey;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilHealthyAsync();
    }

    /// <summary>Sends SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Timeout);
    }

    /// <summary>Sends SIGTERM and returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        // .NET can only send SIGKILL itself.
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process!.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Timeout);
        return _process.ExitCode;
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

    private async Task WaitUntilHealthyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(2) };
        using var deadline = new CancellationTokenSource(Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await timer.WaitForNextTickAsync(deadline.Token))
        {
            if (_process!.HasExited)
                throw new BenchmarkException($"{program} exited with {_process.ExitCode}: {string.Join('\n', _errors)}");

            try
            {
                using var response = await client.GetAsync("/healthz", deadline.Token);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }
}
