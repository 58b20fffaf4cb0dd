using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WickrGateway.Tests.Hosting;

/// <summary>The gateway and the simulator in one process, as a developer starts them.</summary>
internal sealed class DevHostProcess : IAsyncDisposable
{
    public const string ApiKey = "demo-key-for-local-use-only";
    public const string SuspendOnlyApiKey = "suspend-only-key-for-local-use-only";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private DevHostProcess(Process process, int gatewayPort, int simulatorPort)
    {
        _process = process;
        (Gateway, Simulator) = (Url(gatewayPort), Url(simulatorPort));
        process.Start();
        process.StandardInput.Close();
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Gateway { get; }

    public Uri Simulator { get; }

    /// <summary>Of standard output, until now.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs it with arguments that end it.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var host = new DevHostProcess(Prepare("dotnet", [Program, .. arguments]), gatewayPort: 0, simulatorPort: 0);
        await host._process.WaitForExitAsync().WaitAsync(GatewayProcess.Timeout);
        await host._reading;
        return (host._process.ExitCode, host.Output, await host._errors);
    }

    /// <param name="terminal">Whether its standard output is a terminal.</param>
    public static async Task<DevHostProcess> StartAsync(bool terminal, params string[] arguments)
    {
        var (gateway, simulator) = (FreePort(), FreePort());
        string[] command = ["dotnet", Program, $"--gateway-port={gateway}", "--simulator-port", $"{simulator}", .. arguments];
        // With exec the terminal's only process is the host, which ends with it.
        var host = new DevHostProcess(terminal ? Prepare("script", ["-qec", $"exec {string.Join(' ', command.Select(word => $"'{word}'"))}", "/dev/null"]) : Prepare(command[0], command[1..]), gateway, simulator);
        try
        {
            await HttpClientExtensions.UntilAsync(() => host._process.HasExited || host.Output.Contains("Ctrl+C stops both.", StringComparison.Ordinal));
            Assert.False(host._process.HasExited, host.Output);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The status of the response.</summary>
    public async Task<int> ChangeAsync(string network, string key, bool suspend, params string[] userIds)
    {
        using var client = new HttpClient { BaseAddress = Gateway };
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        using var response = await client.PostAsync($"/networks/{network}/users/suspend-status", Content(suspend, userIds));
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "DevHost.dll");

    private static StringContent Content(bool suspend, string[] userIds)
    {
        var content = new StringContent($$"""{"suspend":{{(suspend ? "true" : "false")}},"userIds":["{{string.Join("\",\"", userIds)}}"]}""", Encoding.UTF8);
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private static Process Prepare(string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        return new Process { StartInfo = start };
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var length)
        {
            lock (_output)
                _output.Append(buffer, 0, length);
        }
    }

    private static Uri Url(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));
}
