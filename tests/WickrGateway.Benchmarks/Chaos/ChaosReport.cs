using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Chaos;

/// <param name="State">At the end, whether a user is suspended.</param>
internal sealed record ChaosFindings(
    int Seed,
    TimeSpan Duration,
    TimeSpan Deadline,
    IReadOnlyList<ChaosCall> Calls,
    ChaosJournal Journal,
    IReadOnlyDictionary<string, bool> State,
    IReadOnlyDictionary<string, int> Faults,
    int ExitCode);

/// <summary>Compares what callers were told with what the simulator did.</summary>
internal sealed record ChaosReport(string Text, bool IsGood)
{
    /// <summary>For the way there and back on a busy machine; the gateway reckons its deadline from when it has read the request.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public static ChaosReport Of(ChaosFindings found)
    {
        var effects = found.Journal.Lives
            .Select(life => life.Where(request => request.Effect).GroupBy(request => request.ClientToken ?? "").ToDictionary(token => token.Key, token => token.Count(), StringComparer.Ordinal))
            .ToList();
        var sent = found.Calls.Select(call => call.Token).ToHashSet(StringComparer.Ordinal);
        int Effects(ChaosCall call) => effects.Sum(life => life.GetValueOrDefault(call.Token));
        bool IsJudged(ChaosCall call) => !found.Journal.MayHaveMissed(call);

        // A caller who never learns, or a change that was promised last and is not there at the end.
        var lost = found.Calls.Count(call => call.IsOpen) + found.Calls.GroupBy(call => call.UserId).Count(user => IsLost(user.LastOrDefault(call => call.ToldApplied), found.State));
        // More than one effect while the simulator remembers the token, or an effect under a token that no caller sent.
        var doubled = effects.Sum(life => life.Count(token => token.Value > 1 || !sent.Contains(token.Key)));
        var falselySuccessful = found.Calls.Count(call => call.ToldApplied && Effects(call) == 0 && IsJudged(call));
        var falselyNotApplied = found.Calls.Count(call => call.ToldNotApplied && Effects(call) > 0);
        var slowest = found.Calls.SelectMany(call => call.Answers).Max(answer => answer.Took);

        var text = new Table();
        text.Row("seed", $"{found.Seed}").Row("seconds", $"{found.Duration.TotalSeconds:0}");
        text.Row("calls (tokens)", $"{found.Calls.Count}").Row("requests of callers", $"{found.Calls.Sum(call => call.Answers.Count)}");
        text.Row("requests to Wickr", $"{found.Journal.Lives.Sum(life => life.Count)}");
        text.Row($"faults of {found.Faults.Count} kinds", $"{found.Faults.Values.Sum()}");
        foreach (var kind in found.Calls.SelectMany(call => call.Answers).GroupBy(answer => $"answer: {answer.Kind}, {answer.Outcome}").OrderBy(kind => kind.Key, StringComparer.Ordinal))
            text.Row(kind.Key, $"{kind.Count()}");

        foreach (var count in found.Calls.CountBy(Effects).OrderBy(count => count.Key))
            text.Row($"tokens with {count.Key} effects", $"{count.Value}");

        text.Row("set again because the killed simulator forgot its tokens", $"{found.Calls.Count(call => effects.Count(life => life.ContainsKey(call.Token)) > 1)}");
        text.Row("not judged (under way when the simulator was killed)", $"{found.Calls.Count(call => call.ToldApplied && Effects(call) == 0 && !IsJudged(call))}");
        text.Row("exit code of the gateway after SIGTERM", $"{found.ExitCode}");
        text.Row("lost", $"{lost}").Row("doubled", $"{doubled}").Row("falsely successful", $"{falselySuccessful}").Row("falsely not-applied", $"{falselyNotApplied}");
        text.Row($"slowest request (deadline {found.Deadline.TotalSeconds:0} s)", $"{slowest.TotalSeconds:0.00} s");

        var isGood = lost + doubled + falselySuccessful + falselyNotApplied == 0 && slowest <= found.Deadline + Margin && found.ExitCode == 0;
        return new ChaosReport($"{text}{(isGood ? "Kept its word." : "BROKE ITS WORD.")}{Environment.NewLine}", isGood);
    }

    /// <param name="last">Null when a user's changes were never said to be done, not even the last one that was sent until it is.</param>
    private static bool IsLost(ChaosCall? last, IReadOnlyDictionary<string, bool> state) => last is null || state[$"{last.UserId}"] != last.Suspend;

    private sealed class Table
    {
        private readonly StringBuilder _text = new("| what | figure |\n|---|---:|\n");

        public Table Row(string what, string figure)
        {
            _text.Append(CultureInfo.InvariantCulture, $"| {what} | {figure} |\n");
            return this;
        }

        public override string ToString() => _text.Append('\n').ToString();
    }
}
