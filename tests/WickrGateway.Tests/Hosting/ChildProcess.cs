using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.Hosting;

/// <summary>A program of this repository in a process of its own, so that signals and kills reach it alone. It listens on a free port and tells which.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Starts a program and waits until it listens.</summary>
    /// <param name="program">The assembly's name, such as <c>WickrGateway</c>.</param>
    public static async Task<ChildProcess> ListeningAsync(string program, IReadOnlyDictionary<string, string> settings)
    {
        var child = new ChildProcess(Process.Start(Describe(program, [], new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            // The line that tells the port; it is a warning's worth of noise in production.
            ["Serilog__MinimumLevel__Override__Microsoft.Hosting.Lifetime"] = "Information",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        }))!);
        var ended = child._process.WaitForExitAsync();
        if (await Task.WhenAny(child._listening.Task, ended).WaitAsync(Patience) == ended)
            throw new InvalidOperationException($"{program} ended at once:{Environment.NewLine}{child.Output}");

        child.Address = await child._listening.Task;
        return child;
    }

    /// <summary>Runs a program to its end and gives its exit code.</summary>
    public static async Task<int> ExitCodeAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        using var process = Process.Start(Describe(program, arguments, settings))!;
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join(Environment.NewLine, _lines);
        }
    }

    /// <summary>SIGKILL: the process gets no say in it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, as an orchestrator sends it; gives the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Signal(_process.Id, Sigterm));
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Describe(string program, string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What the test runner was started with must not decide where the child listens.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        return start;
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        lock (_lines)
            _lines.Add(line);

        if (!_listening.Task.IsCompleted && Listening().Match(line) is { Success: true } address)
            _listening.TrySetResult(new Uri(address.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
