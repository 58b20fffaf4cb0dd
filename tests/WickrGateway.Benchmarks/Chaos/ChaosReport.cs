using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Chaos;

/// <param name="State">Whether each user is suspended at the end, by user id.</param>
/// <param name="Faults">The number of faults posted, by kind.</param>
/// <param name="ExitCode">The gateway's, after SIGTERM.</param>
internal sealed record ChaosFindings(
    int Seed,
    TimeSpan Duration,
    TimeSpan Deadline,
    IReadOnlyList<ChaosCall> Calls,
    ChaosRequestLog RequestLog,
    IReadOnlyDictionary<string, bool> State,
    IReadOnlyDictionary<string, int> Faults,
    int ExitCode);

/// <summary>Compares the responses that callers got with what the simulator did.</summary>
internal sealed record ChaosReport(string Text, bool Passed)
{
    /// <summary>Allowed beyond the gateway's deadline, which starts when it has read the request, for the network and a busy machine.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public static ChaosReport Create(ChaosFindings findings)
    {
        var calls = findings.Calls;
        var responses = calls.SelectMany(call => call.Responses).ToList();
        var effectsByRun = findings.RequestLog.Runs
            .Select(requests => requests.Where(request => request.Effect).CountBy(request => request.ClientToken ?? "", StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal))
            .ToList();
        var tokens = calls.Select(call => call.Token).ToHashSet(StringComparer.Ordinal);
        int Effects(ChaosCall call) => effectsByRun.Sum(run => run.GetValueOrDefault(call.Token));

        // A call whose outcome stays unknown, or a user whose final state is not the last one that was reported as applied.
        var lost = calls.Count(call => call.IsOpen) + calls.GroupBy(call => call.UserId).Count(user => IsLost(user.LastOrDefault(call => call.IsReportedApplied), findings.State));
        // More than one effect while the simulator remembers the token, or an effect under a token that no caller sent.
        var duplicated = effectsByRun.Sum(run => run.Count(token => token.Value > 1 || !tokens.Contains(token.Key)));
        var appliedWithoutEffect = calls.Where(call => call.IsReportedApplied && Effects(call) == 0).ToLookup(findings.RequestLog.MayLack);
        var notAppliedWithEffect = calls.Count(call => call.IsReportedNotApplied && Effects(call) > 0);
        var slowest = responses.Max(response => response.Duration);

        var table = new Table();
        table.Row("seed", $"{findings.Seed}").Row("seconds", $"{findings.Duration.TotalSeconds:0}");
        table.Row("calls (tokens)", $"{calls.Count}").Row("requests from callers", $"{responses.Count}");
        table.Row("requests to Wickr", $"{findings.RequestLog.Runs.Sum(requests => requests.Count)}");
        table.Row($"faults of {findings.Faults.Count} kinds", $"{findings.Faults.Values.Sum()}");
        foreach (var (kind, count) in responses.CountBy(response => $"response: {response.Kind}, {response.Outcome}").OrderBy(kind => kind.Key, StringComparer.Ordinal))
            table.Row(kind, $"{count}");

        foreach (var (effects, count) in calls.CountBy(Effects).OrderBy(effects => effects.Key))
            table.Row($"tokens with {effects} {(effects == 1 ? "effect" : "effects")}", $"{count}");

        table.Row("applied again because the killed simulator forgot its tokens", $"{calls.Count(call => effectsByRun.Count(run => run.ContainsKey(call.Token)) > 1)}");
        table.Row("not checked (under way when the simulator was killed)", $"{appliedWithoutEffect[true].Count()}");
        table.Row("exit code of the gateway after SIGTERM", $"{findings.ExitCode}");
        table.Row("lost changes", $"{lost}").Row("duplicate effects", $"{duplicated}");
        table.Row("reported as applied without an effect", $"{appliedWithoutEffect[false].Count()}").Row("reported as not-applied with an effect", $"{notAppliedWithEffect}");
        table.Row($"slowest request (deadline {findings.Deadline.TotalSeconds:0} s)", $"{slowest.TotalSeconds:0.00} s");

        var passed = lost + duplicated + appliedWithoutEffect[false].Count() + notAppliedWithEffect == 0 && slowest <= findings.Deadline + Margin && findings.ExitCode == 0;
        return new ChaosReport($"{table}{(passed ? "Passed." : "FAILED.")}{Environment.NewLine}", passed);
    }

    /// <param name="last">The user's last change that was reported as applied; null when not even the final one was.</param>
    private static bool IsLost(ChaosCall? last, IReadOnlyDictionary<string, bool> state) => last is null || state[$"{last.UserId}"] != last.Suspend;

    private sealed class Table
    {
        private readonly StringBuilder _text = new("| measure | value |\n|---|---:|\n");

        public Table Row(string measure, string value)
        {
            _text.Append(CultureInfo.InvariantCulture, $"| {measure} | {value} |\n");
            return this;
        }

        public override string ToString() => _text.Append('\n').ToString();
    }
}
