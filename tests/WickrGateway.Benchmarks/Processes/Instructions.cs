using System.Diagnostics;
using System.Globalization;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>Instructions of a running process in user mode and kernel, counted by <c>perf</c>. Many virtual machines do not allow it.</summary>
internal static class Instructions
{
    public static bool AreCounted { get; } = Tools.Find("perf") is not null && Count(Environment.ProcessId, static () => Thread.Sleep(50)) is not null;

    /// <summary>Null when they cannot be counted.</summary>
    public static double? Count(int process, Action during)
    {
        var start = new ProcessStartInfo("perf", ["stat", "-x", ",", "-e", "instructions", "-p", $"{process}"]) { UseShellExecute = false, RedirectStandardError = true };
        using var perf = Process.Start(start)!;
        try
        {
            during();
        }
        finally
        {
            // perf prints its count when it is interrupted.
            Tools.Run("/bin/sh", ["-c", $"kill -INT {perf.Id}"], TimeSpan.FromSeconds(5));
        }

        var count = perf.StandardError.ReadToEnd().Split(',')[0].Trim();
        perf.WaitForExit();
        return double.TryParse(count, NumberStyles.Float, CultureInfo.InvariantCulture, out var instructions) ? instructions : null;
    }
}
