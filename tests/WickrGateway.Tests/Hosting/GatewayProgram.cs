using System.Collections.Concurrent;
using System.Diagnostics;

namespace WickrGateway.Tests.Hosting;

/// <summary>The gateway as its own process, as an operator starts it, with all that it writes.</summary>
internal sealed class GatewayProgram : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="settings">Given through the environment; nothing else of this process's environment but the path to dotnet is handed on.</param>
    /// <param name="directory">The working directory; a fresh empty one unless given.</param>
    public GatewayProgram(Dictionary<string, string> settings, string[]? arguments = null, string? directory = null, string? program = null)
    {
        var start = new ProcessStartInfo("dotnet", [program ?? Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), .. arguments ?? []])
        {
            WorkingDirectory = directory ?? Directory.CreateTempSubdirectory("gateway-test-").FullName,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The gateway ended: {string.Join('\n', Errors)}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>The address, once the gateway says that it listens there.</summary>
    public Task<Uri> ListeningAsync() => _listening.Task.WaitAsync(Deadline);

    /// <summary>The exit code, and all output is in.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;

        lines.Enqueue(line);
        const string Mark = "Now listening on: ";
        var at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0)
            _listening.TrySetResult(new Uri(line[(at + Mark.Length)..].Split('"')[0]));
    }
}
