using System.Diagnostics;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>How a server is started.</summary>
/// <param name="Start">The program to run, given its port and its upstream.</param>
internal sealed record ServerPlan(string Name, Func<int, Uri?, ProcessStartInfo> Start)
{
    /// <summary>False when this program was started as <c>dotnet WickrGateway.Benchmarks.dll</c>.</summary>
    private static bool HasExecutable => Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "dotnet";

    /// <summary>One of this program's own servers.</summary>
    public static ServerPlan Own(string name, string command) =>
        new(name, (port, upstream) => WithAddresses(new ProcessStartInfo(Environment.ProcessPath!, HasExecutable ? [command] : [typeof(ServerPlan).Assembly.Location, command]), port, upstream));

    /// <summary>Any other proxy: a shell command that listens on 127.0.0.1:<c>$PORT</c> and forwards to <c>$UPSTREAM</c>.</summary>
    public static ServerPlan Shell(string name, string command) =>
        new(name, (port, upstream) => WithAddresses(new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"]), port, upstream));

    private static ProcessStartInfo WithAddresses(ProcessStartInfo start, int port, Uri? upstream)
    {
        start.Environment[MinimalServer.Port] = $"{port}";
        start.Environment[MinimalServer.Upstream] = upstream?.AbsoluteUri.TrimEnd('/');
        return start;
    }
}
