using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>The results as Markdown. A ratio is the median of the ratios in each round, so that a slow moment of the machine affects both sides.</summary>
internal static class ComparisonTable
{
    /// <param name="candidates">The first is the baseline.</param>
    /// <param name="direct">The median latency in microseconds of a direct call on one connection, for each round.</param>
    /// <param name="conditions">How the results were measured.</param>
    public static string Write(IReadOnlyList<Candidate> candidates, IReadOnlyList<double> direct, string conditions)
    {
        var baseline = candidates[0];
        var text = new StringBuilder()
            .AppendLine("| | requests/s | CPU per request | instructions per request | p50 at 1 connection above a direct call | p99 at 1,000 requests/s | first response after start | slowest of the first 20 responses | memory idle / after load |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var candidate in candidates)
        {
            text.AppendLine(string.Join(" | ",
                $"| {candidate.Name}",
                $"{Number(Median(candidate, round => round.RequestsPerSecond))} ({Ratio(candidate, baseline, round => round.RequestsPerSecond)})",
                $"{Median(candidate, round => round.Cpu):F1} µs ({Ratio(candidate, baseline, round => round.Cpu)})",
                candidate.Rounds[0].Instructions is null ? "not available" : $"{Number(Median(candidate, round => round.Instructions ?? double.NaN))} ({Ratio(candidate, baseline, round => round.Instructions ?? double.NaN)})",
                $"{candidate.Rounds.Zip(direct, (round, without) => round.OneConnectionP50 - without).Median():F0} µs",
                $"{Median(candidate, round => round.FixedRateP99) / 1000:F2} ms ({Ratio(candidate, baseline, round => round.FixedRateP99)})",
                $"{candidate.FirstResponse / 1000:F0} ms",
                $"{candidate.SlowestOfFirstTwenty / 1000:F0} ms",
                $"{Megabytes(candidate.IdleMemory)} / {Megabytes(candidate.LoadedMemory)} MB |"));
        }

        return text.AppendLine().AppendLine(conditions).ToString();
    }

    private static double Median(Candidate candidate, Func<Round, double> value) => candidate.Rounds.Select(value).Median();

    private static string Ratio(Candidate candidate, Candidate baseline, Func<Round, double> value) =>
        $"{candidate.Rounds.Zip(baseline.Rounds, (own, other) => value(own) / value(other)).Median():F2}×";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F0}";
}
