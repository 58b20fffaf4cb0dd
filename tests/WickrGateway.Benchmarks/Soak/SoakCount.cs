namespace WickrGateway.Benchmarks.Soak;

/// <summary>One number as each place has counted it; null for places that do not count it.</summary>
internal sealed record SoakCount(string Name, int? Client = null, int? Metrics = null, int? Output = null, int? File = null, int? Simulator = null)
{
    public bool IsEqual => Values.OfType<int>().Distinct().Count() == 1;

    public IReadOnlyList<int?> Values => [Client, Metrics, Output, File, Simulator];

    /// <param name="simulator">Null when the simulator's request log was not long enough.</param>
    public static IReadOnlyList<SoakCount> Compare(IReadOnlyDictionary<string, int> client, SoakMetrics metrics, SoakAudit output, SoakAudit file, int? simulator) =>
    [
        .. client.Keys.Union(metrics.Calls.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(problem => new SoakCount(
            problem == SoakLoad.None ? "200" : problem,
            client.GetValueOrDefault(problem),
            metrics.Calls.GetValueOrDefault(problem),
            output.Completed(problem),
            // Refusals may be on standard output alone.
            problem == SoakLoad.None ? file.Completed(problem) : null)),
        new SoakCount("requested lines", Metrics: metrics.AcceptedCalls, Output: output.Requested, File: file.Requested),
        new SoakCount("requests to Wickr", Metrics: metrics.Attempts, Output: output.Attempts, File: file.Attempts, Simulator: simulator),
    ];
}
