using System.Diagnostics;
using WickrSimulator;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>How a server is started.</summary>
/// <param name="Start">The program to run, given its port and its upstream.</param>
internal sealed record ServerPlan(string Name, Func<int, Uri?, ProcessStartInfo> Start)
{
    /// <summary>False when this program was started as <c>dotnet WickrGateway.Benchmarks.dll</c>.</summary>
    private static bool HasExecutable => Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "dotnet";

    public static IReadOnlyList<(string Name, string Value)> SimulatorCredentials { get; } =
        [("AWS_ACCESS_KEY_ID", SimulatorDefaults.AccessKeyId), ("AWS_SECRET_ACCESS_KEY", SimulatorDefaults.SecretAccessKey)];

    /// <summary>One of this program's own servers.</summary>
    public static ServerPlan Own(string name, string command) =>
        new(name, (port, upstream) => WithAddresses(new ProcessStartInfo(Environment.ProcessPath!, HasExecutable ? [command] : [typeof(ServerPlan).Assembly.Location, command]), port, upstream));

    /// <summary>Any other proxy: a shell command that listens on 127.0.0.1:<c>$PORT</c> and forwards to <c>$UPSTREAM</c>.</summary>
    public static ServerPlan Shell(string name, string command) =>
        new(name, (port, upstream) => WithAddresses(new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"]), port, upstream));

    /// <summary>The gateway or the simulator of this build, with the simulator's credentials and no other AWS settings.</summary>
    public static ServerPlan Built(string program, IReadOnlyList<string> arguments) => new(program, (port, _) =>
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), $"--urls=http://127.0.0.1:{port}", .. arguments]);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        foreach (var (name, value) in SimulatorCredentials)
            start.Environment[name] = value;

        return start;
    });

    private static ProcessStartInfo WithAddresses(ProcessStartInfo start, int port, Uri? upstream)
    {
        start.Environment[MinimalServer.Port] = $"{port}";
        start.Environment[MinimalServer.Upstream] = upstream?.AbsoluteUri.TrimEnd('/');
        return start;
    }
}
