using System.Diagnostics;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Chaos;

/// <param name="State">Whether each user is suspended at the end, by user id.</param>
/// <param name="Faults">The number of faults posted, by kind.</param>
/// <param name="ExitCodes">The gateway's, after each SIGTERM.</param>
/// <param name="HostFaults">Those of the gateway's host that were asked for; <paramref name="Skipped"/> are those of them that this machine does not allow.</param>
/// <param name="Audit">Each audit line once, from standard output and the files.</param>
/// <param name="MissingSinceReplacement">Audit lines that the file does not have though it was replaced before.</param>
/// <param name="LongestDelay">By which the machine was late in the run itself.</param>
/// <param name="Stall">While standard output was not read, as <see cref="Stopwatch"/> counts.</param>
internal sealed record ChaosFindings(
    int Seed,
    TimeSpan Duration,
    TimeSpan Deadline,
    IReadOnlyList<ChaosCall> Calls,
    ChaosRequestLog RequestLog,
    IReadOnlyDictionary<string, bool> State,
    IReadOnlyDictionary<string, int> Faults,
    IReadOnlyList<int> ExitCodes,
    IReadOnlySet<string> HostFaults,
    IReadOnlyList<string> Skipped,
    IReadOnlyList<AuditLine> Audit,
    int MissingSinceReplacement,
    TimeSpan SlowestHealth,
    TimeSpan LongestDelay,
    (long Start, long End)? Stall);

/// <summary>Compares the responses that callers got with what the simulator did.</summary>
internal sealed record ChaosReport(string Text, bool Passed)
{
    /// <summary>Allowed beyond the gateway's deadline, which starts when it has read the request, for the network and a busy machine.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>Each of the two audit lines of a call may wait this long while standard output is not read.</summary>
    private static readonly TimeSpan AuditTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(1);

    /// <summary>The gateway's default for <c>Wickr:MaxAttempts</c>.</summary>
    private const int MaxAttempts = 3;

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
        bool IsStalled(ChaosResponse response) => findings.Stall is { } stall && response.EndTimestamp >= stall.Start && response.EndTimestamp - (response.Duration.TotalSeconds * Stopwatch.Frequency) <= stall.End;
        var slowest = responses.Where(response => !IsStalled(response)).Select(response => response.Duration).DefaultIfEmpty().Max();
        var slowestInStall = responses.Where(IsStalled).Select(response => response.Duration).DefaultIfEmpty().Max();
        var stallLimit = findings.Deadline + (2 * AuditTimeout);

        // A requested line is written before a call is sent, and a call is sent up to three times.
        var requested = CountByToken(findings.Audit.Where(line => line.Event == AuditLine.Requested));
        var unaudited = findings.RequestLog.Runs.SelectMany(requests => requests).CountBy(request => request.ClientToken ?? "", StringComparer.Ordinal)
            .Count(token => token.Value > MaxAttempts * requested.GetValueOrDefault(token.Key));
        // A completed line is written before the response leaves.
        var completed = CountByToken(findings.Audit.Where(line => line is { Event: AuditLine.Completed, Status: 200 }));
        var unauditedResponses = calls.Count(call => call.Responses.Count(response => response.Kind == "200") > completed.GetValueOrDefault(call.Token));

        var table = new ReportTable();
        table.Row("seed", $"{findings.Seed}").Row("seconds", $"{findings.Duration.TotalSeconds:0}");
        table.Row("calls (tokens)", $"{calls.Count}").Row("requests from callers", $"{responses.Count}");
        table.Row("requests to Wickr", $"{findings.RequestLog.Runs.Sum(requests => requests.Count)}");
        table.Row($"faults of {findings.Faults.Count} kinds", $"{findings.Faults.Values.Sum()}");
        table.Row("faults of the gateway's host", findings.HostFaults.Count == 0 ? "none" : string.Join(", ", findings.HostFaults.Order(StringComparer.Ordinal)));
        foreach (var skipped in findings.Skipped)
            table.Row("skipped", skipped);

        foreach (var (kind, count) in responses.CountBy(response => $"response: {response.Kind}, {response.Outcome}").OrderBy(kind => kind.Key, StringComparer.Ordinal))
            table.Row(kind, $"{count}");

        foreach (var (effects, count) in calls.CountBy(Effects).OrderBy(effects => effects.Key))
            table.Row($"tokens with {effects} {(effects == 1 ? "effect" : "effects")}", $"{count}");

        table.Row("applied again because the killed simulator forgot its tokens", $"{calls.Count(call => effectsByRun.Count(run => run.ContainsKey(call.Token)) > 1)}");
        table.Row("not checked (under way when the simulator was killed)", $"{appliedWithoutEffect[true].Count()}");
        table.Row("exit codes of the gateway after SIGTERM", string.Join(", ", findings.ExitCodes));
        var errors = new ReportErrors(table);
        errors.Add("lost changes", lost);
        errors.Add("duplicate effects", duplicated);
        errors.Add("reported as applied without an effect", appliedWithoutEffect[false].Count());
        errors.Add("reported as not-applied with an effect", notAppliedWithEffect);
        errors.Add("tokens at the simulator without enough requested lines in the audit", unaudited);
        errors.Add("tokens with a 200 without a completed line in the audit", unauditedResponses);
        errors.Add("lines missing from the audit file since it was replaced", findings.MissingSinceReplacement);
        table.Row($"slowest request (deadline {findings.Deadline.TotalSeconds:0} s)", $"{slowest.TotalSeconds:0.00} s");
        if (findings.Stall is not null)
            table.Row($"slowest request while standard output was not read (limit {stallLimit.TotalSeconds:0} s)", $"{slowestInStall.TotalSeconds:0.00} s");

        table.Row($"slowest /healthz (limit {HealthLimit.TotalSeconds:0} s)", $"{findings.SlowestHealth.TotalSeconds:0.00} s");

        table.Row("longest delay of a timer in the run itself, by which the limits are extended", $"{findings.LongestDelay.TotalSeconds:0.00} s");

        var margin = Margin + findings.LongestDelay;
        var inTime = slowest <= findings.Deadline + margin && slowestInStall <= stallLimit + margin && findings.SlowestHealth <= HealthLimit + margin;
        var passed = errors.Sum == 0 && inTime && findings.ExitCodes.All(code => code == 0);
        return new ChaosReport($"{table}{(passed ? "Passed." : "FAILED.")}{Environment.NewLine}", passed);
    }

    /// <param name="last">The user's last change that was reported as applied; null when not even the final one was.</param>
    private static bool IsLost(ChaosCall? last, IReadOnlyDictionary<string, bool> state) => last is null || state[$"{last.UserId}"] != last.Suspend;

    private static Dictionary<string, int> CountByToken(IEnumerable<AuditLine> lines) =>
        lines.CountBy(line => line.ClientToken ?? "", StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
