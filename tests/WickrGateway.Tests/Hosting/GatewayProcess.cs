using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.Hosting;

/// <summary>The gateway as its own process, for what only a process has: an environment, signals, an exit code, standard output.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    /// <summary>How long any single step of a process may take; a test that waits longer fails.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Takes capabilities from a process.</summary>
    public const string SetPriv = "/usr/bin/setpriv";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _standardOutput = new();
    private readonly ConcurrentQueue<string> _standardError = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly string _socketWaits;

    private GatewayProcess(Process process, string socketWaits)
    {
        _process = process;
        _socketWaits = socketWaits;
        process.OutputDataReceived += (_, line) => Add(_standardOutput, line.Data);
        process.ErrorDataReceived += (_, line) => Add(_standardError, line.Data);
        process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The gateway ended before it listened:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address => _listening.Task.Result;

    /// <summary>With <c>Management:Port</c> 0 the gateway says which port it took.</summary>
    public Uri ManagementAddress
    {
        get
        {
            var line = StandardOutput.Single(line => line.Contains("Management requests", StringComparison.Ordinal));
            return new Uri(JsonDocument.Parse(line).RootElement.GetProperty("address").GetString()!.Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
        }
    }

    /// <summary>Standard output and standard error, line by line as they arrived.</summary>
    public string Output => string.Join('\n', _output);

    public IReadOnlyList<string> StandardOutput => [.. _standardOutput];

    public IReadOnlyList<string> StandardError => [.. _standardError];

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>What a start needs at least: one caller with the key <c>k</c>, a region, credentials and a free port.</summary>
    public static Dictionary<string, string> MinimalSettings() => new(StringComparer.Ordinal)
    {
        ["Wickr:Region"] = "us-east-1",
        ["Auth:Callers:app:ApiKeySha256:0"] = GatewayHost.Sha256("k"),
        ["Auth:Callers:app:Networks:0"] = "*",
        ["Auth:Callers:app:Actions:0"] = "suspend",
        ["urls"] = "http://127.0.0.1:0",
        ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey,
    };

    /// <summary>Starts the process with the given settings alone and does not wait for it.</summary>
    /// <param name="environment">Environment variables and, with <c>:</c>, settings. Of this process's own environment it gets neither credentials nor settings.</param>
    /// <param name="program">The directory of the program and its settings file.</param>
    /// <param name="openFiles">How many files and sockets it may open; null for as many as this process.</param>
    /// <param name="obeysPermissions">Whether the permissions of files bind it even as root.</param>
    public static GatewayProcess Start(Dictionary<string, string> environment, string[]? arguments = null, string? program = null, string? workingDirectory = null, int? openFiles = null, bool obeysPermissions = false)
    {
        // With the signal ignored, a limit of file sizes is an error as on a full disk.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--ignore-signal=XFSZ", "dotnet"] : ["dotnet"];
        if (openFiles is { } limit)
            command = ["sh", "-c", $"ulimit -n {limit}; exec \"$0\" \"$@\"", .. command];

        if (obeysPermissions && Environment.IsPrivilegedProcess)
            command = [SetPriv, "--bounding-set=-dac_override,-dac_read_search", .. command];

        var start = new ProcessStartInfo(command[0], [.. command[1..], Path.Combine(program ?? AppContext.BaseDirectory, "WickrGateway.dll"), .. arguments ?? []])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        start.Environment["HOME"] = Path.Combine(AppContext.BaseDirectory, "no-home");
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        var socketWaits = Path.Combine(Path.GetTempPath(), $"wickr-gateway-socket-waits-{Guid.NewGuid()}");
        foreach (var (name, value) in SocketThreadWatch.Variables(socketWaits))
            start.Environment[name] = value;

        foreach (var (name, value) in environment)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;

        return new GatewayProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, socketWaits);
    }

    /// <summary>Starts a gateway with one caller, who may suspend in every network, and waits until it listens.</summary>
    /// <param name="environment">All credentials that the process sees; null for those of <see cref="AwsEnvironment"/>.</param>
    public static Task<GatewayProcess> StartAsync(Uri wickr, Dictionary<string, string>? environment = null, params string[] settings) =>
        StartProcessAsync(wickr, AppContext.BaseDirectory, environment, openFiles: null, settings);

    /// <inheritdoc cref="StartAsync(Uri, Dictionary{string, string}?, string[])"/>
    public static Task<GatewayProcess> StartAsync(Uri wickr, string program, Dictionary<string, string>? environment, params string[] settings) =>
        StartProcessAsync(wickr, program, environment, openFiles: null, settings);

    /// <inheritdoc cref="StartAsync(Uri, Dictionary{string, string}?, string[])"/>
    public static Task<GatewayProcess> StartWithOpenFilesAsync(Uri wickr, int openFiles) => StartProcessAsync(wickr, AppContext.BaseDirectory, environment: null, openFiles, settings: []);

    private static async Task<GatewayProcess> StartProcessAsync(Uri wickr, string program, Dictionary<string, string>? environment, int? openFiles, string[] settings)
    {
        var gateway = Start(
            environment ?? new(StringComparer.Ordinal) { ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey },
            [
                "--urls=http://127.0.0.1:0",
                "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Information",
                "--Wickr:Region=us-east-1",
                $"--Wickr:Endpoint={wickr}",
                $"--Auth:Callers:test:ApiKeySha256:0={GatewayHost.Sha256(GatewayHost.AllPowerfulKey)}",
                "--Auth:Callers:test:Networks:0=*",
                "--Auth:Callers:test:Actions:0=suspend",
                "--RateLimit:PermitsPerSecond=100000",
                "--RateLimit:Burst=100000",
                "--RateLimit:Concurrency=100000",
                .. settings,
            ],
            program,
            openFiles: openFiles);
        try
        {
            await gateway.ListeningAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address, once the gateway has logged that it listens there.</summary>
    public Task<Uri> ListeningAsync() => _listening.Task.WaitAsync(Timeout);

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

    /// <summary>SIGKILL, which the gateway cannot handle.</summary>
    public void Kill() => _process.Kill();

    /// <summary>The exit code, after all output has arrived.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Timeout);
        return _process.ExitCode;
    }

    /// <summary>The most since the start, in bytes.</summary>
    public long PeakResidentMemory()
    {
        _process.Refresh();
        return _process.PeakWorkingSet64;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
        Assert.Equal("", TakeSocketWaits());
    }

    /// <summary>What threads for sockets have waited for until now, as they must not; see <see cref="SocketThreadWatch"/>.</summary>
    public string TakeSocketWaits()
    {
        if (!File.Exists(_socketWaits))
            return "";

        var waits = File.ReadAllText(_socketWaits);
        File.Delete(_socketWaits);
        return waits;
    }

    private void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;

        _output.Enqueue(line);
        lines.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups["address"].Value));
    }

    [GeneratedRegex(@"Now listening on: \W*(?<address>https?://127\.0\.0\.1:[0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Listening();
}
