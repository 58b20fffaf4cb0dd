using System.Runtime.InteropServices;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>Assigns cores: the measured server runs alone on the last one, load and upstream run on the others.</summary>
internal static class Machine
{
    private static int? MeasuredCore { get; } = Environment.ProcessorCount > 1 && Tools.Find("taskset") is not null ? Environment.ProcessorCount - 1 : null;

    /// <summary>As <c>taskset</c> lists them; null when nothing is pinned.</summary>
    public static string? MeasuredCores => MeasuredCore is { } core ? $"{core}" : null;

    /// <summary>For servers that are measured on all cores: they would otherwise inherit this program's restriction.</summary>
    public static string? AllCores => MeasuredCore is { } core ? $"0-{core}" : null;

    /// <summary>Moves this program, and the processes it starts without naming cores, off the measured core.</summary>
    public static void LeaveMeasuredCore()
    {
        if (MeasuredCore is { } core)
            Tools.Run("taskset", ["-a", "-c", "-p", core == 1 ? "0" : $"0-{core - 1}", $"{Environment.ProcessId}"], TimeSpan.FromSeconds(5));
    }

    public static string Describe() =>
        $"{Environment.ProcessorCount} cores ({(MeasuredCore is null ? "nothing pinned" : "for throughput, CPU and memory the measured server is pinned to one and load and upstream to the rest; starts and latencies use all")}), "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, load by {Load.Loads.Saturator}";
}
