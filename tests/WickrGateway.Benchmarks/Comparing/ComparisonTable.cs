using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>The figures as Markdown. Ratios are made within each round and then their median is taken, so that a slow minute of the machine hits both sides.</summary>
internal static class ComparisonTable
{
    /// <param name="contestants">The first is what the others are compared with.</param>
    /// <param name="direct">The median latency of a direct call on one connection, round by round.</param>
    public static string Write(IReadOnlyList<Candidate> contestants, IReadOnlyList<double> direct, string how)
    {
        var bare = contestants[0];
        var text = new StringBuilder()
            .AppendLine("| | requests/s | CPU per request | instructions per request | p50 at 1 connection above a direct call | p99 at 1,000 requests/s | first answer after start | slowest of the first 20 | memory idle / after load |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var one in contestants)
        {
            text.AppendLine(string.Join(" | ",
                $"| {one.Name}",
                $"{Number(Median(one, round => round.RequestsPerSecond))} ({Ratio(one, bare, round => round.RequestsPerSecond)})",
                $"{Median(one, round => round.Cpu):F1} µs ({Ratio(one, bare, round => round.Cpu)})",
                one.Rounds[0].Instructions is null ? "not counted here" : $"{Number(Median(one, round => round.Instructions ?? double.NaN))} ({Ratio(one, bare, round => round.Instructions ?? double.NaN)})",
                $"{one.Rounds.Zip(direct, (round, without) => round.OneConnectionP50 - without).Median():F0} µs",
                $"{Median(one, round => round.FixedRateP99) / 1000:F2} ms ({Ratio(one, bare, round => round.FixedRateP99)})",
                $"{one.FirstAnswer / 1000:F0} ms",
                $"{one.SlowestOfFirstTwenty / 1000:F0} ms",
                $"{Mebibytes(one.IdleMemory)} / {Mebibytes(one.LoadedMemory)} MB |"));
        }

        return text.AppendLine().AppendLine(how).ToString();
    }

    private static double Median(Candidate one, Func<Round, double> figure) => one.Rounds.Select(figure).Median();

    private static string Ratio(Candidate one, Candidate bare, Func<Round, double> figure) =>
        $"{one.Rounds.Zip(bare.Rounds, (own, other) => figure(own) / figure(other)).Median():F2}×";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => $"{bytes / 1e6:F0}";
}
