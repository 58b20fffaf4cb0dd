using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.Hosting;

/// <summary>The gateway as a process of its own, for what only a process has: an environment, signals, an exit code, a memory.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The gateway ended before it listened:\n{Output}"));
    }

    public Uri Address => _listening.Task.Result;

    public string Output => string.Join('\n', _lines);

    /// <param name="environment">All of the AWS_* variables that the process sees; null for none.</param>
    public static Task<GatewayProcess> StartAsync(Uri wickr, Dictionary<string, string>? environment = null, params string[] settings) =>
        StartAsync(wickr, AppContext.BaseDirectory, environment, settings);

    /// <param name="program">The directory of the program and its settings file.</param>
    public static async Task<GatewayProcess> StartAsync(Uri wickr, string program, Dictionary<string, string>? environment, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[
            Path.Combine(program, "WickrGateway.dll"),
            "--urls=http://127.0.0.1:0",
            "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Information",
            "--Wickr:Region=us-east-1",
            $"--Wickr:Endpoint={wickr}",
            $"--Auth:Callers:test:ApiKeySha256:0={GatewayHost.Sha256(GatewayHost.AllPowerfulKey)}",
            "--Auth:Callers:test:Networks:0=*",
            "--Auth:Callers:test:Actions:0=suspend",
            "--RateLimit:PermitsPerSecond=100000",
            "--RateLimit:Burst=100000",
            .. settings])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        start.Environment["HOME"] = Path.Combine(AppContext.BaseDirectory, "no-home");
        foreach (var (name, value) in environment ?? new(StringComparer.Ordinal) { ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey })
            start.Environment[name] = value;

        var gateway = new GatewayProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        gateway._process.Start();
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        await gateway._listening.Task.WaitAsync(Patience);
        return gateway;
    }

    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", GatewayHost.AllPowerfulKey);
        return client;
    }

    public async Task TerminateAsync()
    {
        // .NET itself can send no other signal than SIGKILL.
        using var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>SIGKILL: the gateway gets no say in it.</summary>
    public void Kill() => _process.Kill();

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public bool HasExited => _process.HasExited;

    /// <summary>In bytes.</summary>
    public long ResidentMemory()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        _lines.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups["address"].Value));
    }

    [GeneratedRegex(@"Now listening on: \W*(?<address>http://127\.0\.0\.1:[0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Listening();
}
