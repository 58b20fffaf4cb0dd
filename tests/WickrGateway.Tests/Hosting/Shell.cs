using System.Diagnostics;

namespace WickrGateway.Tests.Hosting;

/// <summary>Another hand: what somebody does to the gateway's files from a shell, without .NET's own file locks.</summary>
internal static class Shell
{
    /// <summary>Runs the command in the directory and returns its output.</summary>
    public static string Run(DirectoryInfo directory, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = directory.FullName, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
