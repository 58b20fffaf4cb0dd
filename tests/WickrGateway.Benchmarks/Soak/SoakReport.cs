using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Soak;

/// <param name="ExitCode">The gateway's, after SIGTERM.</param>
/// <param name="Verification">The exit code of <c>verify-audit</c> over the audit files.</param>
internal sealed record SoakFindings(
    TimeSpan Duration,
    int Rate,
    TimeSpan SampleInterval,
    IReadOnlyList<SoakMeasure> Measures,
    IReadOnlyList<SoakCount> Counts,
    int AuditFiles,
    int ExitCode,
    int Verification);

/// <summary>The tables and the result of a soak.</summary>
internal sealed record SoakReport(string Text, bool Passed)
{
    /// <summary>A shorter run is a warm-up for the most part, so that only its counts are checked.</summary>
    private static readonly TimeSpan MinForGrowth = TimeSpan.FromMinutes(1);

    public static SoakReport Create(SoakFindings findings)
    {
        var checksGrowth = findings.Duration >= MinForGrowth;
        var failures = new List<string>();
        if (checksGrowth)
            failures.AddRange(findings.Measures.Where(measure => !measure.IsFlat).Select(measure => $"{measure.Name} grew"));

        failures.AddRange(findings.Counts.Where(count => !count.IsEqual).Select(count => $"the counts of {count.Name} differ"));
        if (findings.ExitCode != 0)
            failures.Add($"exit code {findings.ExitCode} after SIGTERM");

        if (findings.Verification != 0)
            failures.Add($"verify-audit ended with {findings.Verification}");

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{findings.Rate} requests/s for {findings.Duration:hh\\:mm\\:ss}, a sample every {findings.SampleInterval.TotalSeconds:0.#} s, {findings.AuditFiles} audit files.").AppendLine();
        text.AppendLine("| measure | start | end | max | end at most |").AppendLine("|---|---:|---:|---:|---:|");
        foreach (var measure in findings.Measures)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {measure.Name} | {measure.Start:0} | {measure.End:0} | {measure.Max:0} | {(checksGrowth ? $"{measure.Start + measure.Tolerance:0}" : "not checked")} |");

        text.AppendLine().AppendLine("| count | client | metrics | standard output | audit file | simulator |").AppendLine("|---|---:|---:|---:|---:|---:|");
        foreach (var count in findings.Counts)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {count.Name} | {string.Join(" | ", count.Values.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "–"))} |");

        text.AppendLine().AppendLine(failures.Count == 0 ? "Passed." : $"FAILED: {string.Join("; ", failures)}.");
        return new SoakReport(text.ToString(), failures.Count == 0);
    }
}
