using System.Diagnostics;

namespace WickrGateway.Benchmarks;

/// <summary>Programs of the machine.</summary>
internal static class Tools
{
    public static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);

    /// <summary>What a command writes to standard output; it must end well and in time.</summary>
    public static string Output(string command, IEnumerable<string> args, TimeSpan timeout)
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
