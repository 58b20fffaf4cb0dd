using System.Diagnostics;

namespace WickrGateway.Benchmarks;

/// <summary>Command-line programs that are installed on this machine.</summary>
internal static class Tools
{
    /// <summary>The program's path; null when it is not in <c>PATH</c>.</summary>
    public static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a program and returns its standard output.</summary>
    /// <exception cref="BenchmarkException">It failed or did not end within the time-out.</exception>
    public static string Run(string command, IEnumerable<string> args, TimeSpan timeout)
    {
        using var process = Process.Start(new ProcessStartInfo(command, args) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(timeout))
        {
            process.Kill(entireProcessTree: true);
            throw new BenchmarkException($"{command} did not end within {timeout.TotalSeconds:F0} s");
        }

        return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : throw new BenchmarkException($"{command} failed:\n{output.GetAwaiter().GetResult()}");
    }
}
