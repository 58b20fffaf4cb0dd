using System.Runtime.InteropServices;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>Who runs where: what is measured has the last core to itself, the load and the upstream have the others.</summary>
internal static class Machine
{
    private static int? MeasuredCore { get; } = Environment.ProcessorCount > 1 && Tools.Find("taskset") is not null ? Environment.ProcessorCount - 1 : null;

    /// <summary>As <c>taskset</c> lists them; null where nothing is pinned.</summary>
    public static string? MeasuredCores => MeasuredCore is { } core ? $"{core}" : null;

    /// <summary>For what is measured on the whole machine, although this program has left a part of it.</summary>
    public static string? AllCores => MeasuredCore is { } core ? $"0-{core}" : null;

    /// <summary>Moves this program, and with it whatever it starts without saying defaultValue, off the measured core.</summary>
    public static void LeaveMeasuredCore()
    {
        if (MeasuredCore is { } core)
            Tools.Output("taskset", ["-a", "-c", "-p", core == 1 ? "0" : $"0-{core - 1}", $"{Environment.ProcessId}"], TimeSpan.FromSeconds(5));
    }

    public static string Describe() =>
        $"{Environment.ProcessorCount} cores ({(MeasuredCore is null ? "nothing pinned" : "for throughput, CPU and memory what is measured is pinned to one, load and upstream to the rest; starts and latencies on all")}), "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, load by {Load.Loads.Saturator}";
}
