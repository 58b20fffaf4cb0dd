using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>The results as Markdown: for each server the median over the runs and, with several runs, the range. Ratios are to the first server in the same run.</summary>
internal static class ComparisonTable
{
    private static readonly Column[] Columns =
    [
        new("requests/s", run => run.RequestsPerSecond, value => value.ToString("N0", CultureInfo.InvariantCulture), HasRatio: true),
        new("CPU per request", run => run.Cpu, value => $"{value:F1} µs", HasRatio: true),
        new("instructions per request", run => run.Instructions, value => value.ToString("N0", CultureInfo.InvariantCulture), HasRatio: true),
        new("context switches per request", run => run.ContextSwitches, value => $"{value:F2}", HasRatio: false),
        new("system calls per request", run => run.SystemCalls, value => $"{value:F1}", HasRatio: false),
        new("p50 at 1 connection above a direct call", run => run.OneConnectionP50, value => $"{value:F0} µs", HasRatio: false),
        new("p99 at 1,000 requests/s", run => run.FixedRateP99, value => $"{value / 1000:F2} ms", HasRatio: true),
        new("first response after start", run => run.FirstResponse, value => $"{value / 1000:F0} ms", HasRatio: true),
        new("slowest of the first 20 responses", run => run.SlowestOfFirstTwenty, value => $"{value / 1000:F0} ms", HasRatio: false),
        new("memory idle", run => run.IdleMemory, value => $"{value / 1e6:F0} MB", HasRatio: false),
        new("memory after load", run => run.LoadedMemory, value => $"{value / 1e6:F0} MB", HasRatio: false),
    ];

    /// <param name="results">Each server with its runs; the first is the baseline. Servers are columns, because there are more measurements than servers.</param>
    /// <param name="conditions">How the results were measured.</param>
    public static string Write(IReadOnlyList<(string Name, IReadOnlyList<CandidateRun> Runs)> results, string conditions)
    {
        var text = new StringBuilder()
            .AppendLine($"| | {string.Join(" | ", results.Select(result => result.Name))} |")
            .AppendLine($"|---|{string.Concat(results.Select(_ => "---|"))}");
        // What the machine cannot count is left out.
        foreach (var column in Columns.Where(column => results.All(result => result.Runs.All(run => column.Value(run) is not null))))
            text.AppendLine($"| {column.Name} | {string.Join(" | ", results.Select(result => Cell(column, result.Runs, results[0].Runs)))} |");

        return text.AppendLine().AppendLine(conditions).ToString();
    }

    private static string Cell(Column column, IReadOnlyList<CandidateRun> runs, IReadOnlyList<CandidateRun> baseline)
    {
        var value = Spread(runs.Select(run => column.Value(run)!.Value), column.Format);
        return column.HasRatio && !ReferenceEquals(runs, baseline)
            ? $"{value}, {Spread(runs.Zip(baseline, (own, other) => column.Value(own)!.Value / column.Value(other)!.Value), ratio => $"{ratio:F2}×")}"
            : value;
    }

    private static string Spread(IEnumerable<double> values, Func<double, string> format)
    {
        var all = values.ToList();
        return all.Count == 1 ? format(all[0]) : $"{format(all.Median())} ({format(all.Min())} to {format(all.Max())})";
    }

    private sealed record Column(string Name, Func<CandidateRun, double?> Value, Func<double, string> Format, bool HasRatio);
}
