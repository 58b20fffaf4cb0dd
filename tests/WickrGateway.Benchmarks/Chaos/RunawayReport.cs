using System.Globalization;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>Compares what the simulator did with the suspend limits.</summary>
internal sealed record RunawayReport(string Text, bool Passed)
{
    /// <summary>The run proves nothing when the callers stay far from their limits.</summary>
    private const double MinShareOfLimit = 0.8;

    /// <summary>An attempt that the gateway has given up may have its effect so much later; the clocks of two processes may differ by less.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    /// <param name="requests">The simulator's, until the callers stopped.</param>
    /// <param name="withoutRoom">Callers that were refused though the window had passed.</param>
    public static RunawayReport Create(
        IReadOnlyList<ChaosRequest> requests, IReadOnlyList<RunawayResponse> responses, IReadOnlyDictionary<string, int> faults, int withoutRoom, int exitCode)
    {
        var suspensions = requests.Where(request => request is { Effect: true, Suspend: true })
            .SelectMany(request => request.UserIds!.Where(IsInNetwork).Select(id => new Suspension(RunawayCaller.NameIn(request.ClientToken!), request.NetworkId!, id, request.At)))
            .OrderBy(suspension => suspension.At)
            .ToList();
        var ofCallers = suspensions.GroupBy(suspension => suspension.Caller, StringComparer.Ordinal).ToDictionary(caller => caller.Key, caller => FindMaxInWindow([.. caller]), StringComparer.Ordinal);
        var ofNetworks = suspensions.GroupBy(suspension => suspension.NetworkId, StringComparer.Ordinal).ToDictionary(network => network.Key, network => FindMaxInWindow([.. network]), StringComparer.Ordinal);
        var totals = suspensions.GroupBy(suspension => suspension.Caller, StringComparer.Ordinal).Select(caller => caller.DistinctBy(suspension => (suspension.NetworkId, suspension.UserId)).Count()).ToList();

        var table = new ReportTable();
        table.Row("callers that run wild", $"{ofCallers.Count}").Row("window", $"{RunawayRun.Window.TotalSeconds:0} s");
        table.Row("requests from callers", $"{responses.Count}").Row("requests to Wickr", $"{requests.Count}").Row($"faults of {faults.Count} kinds", $"{faults.Values.Sum()}");
        foreach (var (kind, count) in responses.CountBy(response => $"response: {response.Kind}{(response.Scope is { } scope ? $", {scope}" : "")}").OrderBy(kind => kind.Key, StringComparer.Ordinal))
            table.Row(kind, $"{count}");

        table.Row($"most users suspended within a window by each caller (limit {RunawayRun.PerCaller})", Join(ofCallers.Values));
        table.Row($"most users suspended within a window in each network (limit {RunawayRun.PerNetwork})", Join(ofNetworks.Values));
        table.Row("users suspended by each caller in all", Join(totals));

        var errors = new ReportErrors(table);
        errors.Add("callers that suspended more than the limit within a window", ofCallers.Values.Count(max => max > RunawayRun.PerCaller));
        errors.Add("networks in which more than the limit was suspended within a window", ofNetworks.Values.Count(max => max > RunawayRun.PerNetwork));
        errors.Add("refusals with figures that do not say why", responses.Count(response => response.HasFalseFigures));
        errors.Add("callers without room when the window had passed", withoutRoom);
        errors.Add("callers that did not suspend more than the limit in all", totals.Count(total => total <= RunawayRun.PerCaller));
        errors.Add("limits that no caller and no network came near", (IsNear(ofCallers, RunawayRun.PerCaller) ? 0 : 1) + (IsNear(ofNetworks, RunawayRun.PerNetwork) ? 0 : 1));
        var passed = errors.Sum == 0 && exitCode == 0;
        return new RunawayReport($"{table}{(passed ? "Passed." : "FAILED.")}{Environment.NewLine}", passed);
    }

    private static bool IsInNetwork(string userId) => int.Parse(userId, CultureInfo.InvariantCulture) <= RunawayRun.Users;

    /// <param name="suspensions">The oldest first.</param>
    private static int FindMaxInWindow(List<Suspension> suspensions)
    {
        var inWindow = new Dictionary<(string NetworkId, string UserId), int>();
        var (max, first) = (0, 0);
        foreach (var last in suspensions)
        {
            inWindow[last.User] = inWindow.GetValueOrDefault(last.User) + 1;
            for (; suspensions[first].At <= last.At - RunawayRun.Window + Tolerance; first++)
            {
                if (--inWindow[suspensions[first].User] == 0)
                    inWindow.Remove(suspensions[first].User);
            }

            max = Math.Max(max, inWindow.Count);
        }

        return max;
    }

    private static bool IsNear(Dictionary<string, int> maxima, int limit) => maxima.Values.Any(max => max >= limit * MinShareOfLimit);

    private static string Join(IEnumerable<int> counts) => string.Join(", ", counts);

    private sealed record Suspension(string Caller, string NetworkId, string UserId, DateTimeOffset At)
    {
        public (string NetworkId, string UserId) User => (NetworkId, UserId);
    }
}
