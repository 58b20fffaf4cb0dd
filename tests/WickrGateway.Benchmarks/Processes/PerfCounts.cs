using System.Diagnostics;
using System.Globalization;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>What <c>perf</c> counts in a running process, in user mode and kernel. Null where the machine does not allow it, as many virtual machines do.</summary>
internal sealed record PerfCounts(double? Instructions, double? ContextSwitches, double? SystemCalls)
{
    private const string InstructionsEvent = "instructions";
    private const string ContextSwitchesEvent = "context-switches";
    private const string SystemCallsEvent = "raw_syscalls:sys_enter";

    /// <summary>One that the machine does not have would make <c>perf</c> refuse them all.</summary>
    private static readonly string[] Events = Tools.Find("perf") is null
        ? []
        : [.. new[] { InstructionsEvent, ContextSwitchesEvent, SystemCallsEvent }.Where(name => Count([name], Environment.ProcessId, static () => Thread.Sleep(50)).ContainsKey(name))];

    /// <param name="during">Returns the number of requests, for each of which the counts are.</param>
    public static PerfCounts Count(int process, Func<long> during)
    {
        if (Events.Length == 0)
            return new PerfCounts(null, null, null);

        var requests = 0L;
        var counts = Count(Events, process, () => requests = during());
        return new PerfCounts(PerRequest(InstructionsEvent), PerRequest(ContextSwitchesEvent), PerRequest(SystemCallsEvent));

        double? PerRequest(string name) => counts.TryGetValue(name, out var count) ? count / requests : null;
    }

    private static Dictionary<string, double> Count(IEnumerable<string> events, int process, Action during)
    {
        var start = new ProcessStartInfo("perf", ["stat", "-x", ",", "-e", string.Join(',', events), "-p", $"{process}"]) { UseShellExecute = false, RedirectStandardError = true };
        using var perf = Process.Start(start)!;
        try
        {
            during();
        }
        finally
        {
            // perf prints its counts when it is interrupted.
            Tools.Run("/bin/sh", ["-c", $"kill -INT {perf.Id} || true"], TimeSpan.FromSeconds(5));
        }

        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in perf.StandardError.ReadToEnd().Split('\n'))
        {
            // The count, its unit and the event.
            if (line.Split(',') is [var text, _, var name, ..] && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var count))
                counts[name] = count;
        }

        perf.WaitForExit();
        return counts;
    }
}
