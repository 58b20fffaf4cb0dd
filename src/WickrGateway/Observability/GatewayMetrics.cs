using System.Diagnostics;
using System.Diagnostics.Metrics;
using WickrGateway.Hosting;

namespace WickrGateway.Observability;

/// <summary>
/// What the gateway counts: one method for each thing that happens, with the values of the labels as arguments. Labels only have values
/// that the configuration or the code names: no user, no token, nothing that a caller or Wickr can make up.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "WickrGateway";

    private const string None = "none";

    /// <summary>In seconds. The last is beyond the longest <c>Wickr:TotalTimeout</c> of 15 minutes; the alerts' objective is one of them.</summary>
    public static readonly double[] DurationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 25, 60, 180, 600, 1200];

    private readonly Counter<long> _calls;
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _users;
    private readonly Histogram<int> _attempts;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _upstream;
    private readonly Counter<long> _auditFailures;
    private readonly Counter<long> _policyRefusals;

    public GatewayMetrics(IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create(MeterName);
        _calls = meter.CreateCounter<long>("wickr_gateway.calls", "{call}", "Requests to the operation, by how they ended.");
        _outcomes = meter.CreateCounter<long>("wickr_gateway.outcomes", "{call}", "The same requests by their problem alone; every value is there from the start.");
        _users = meter.CreateCounter<long>("wickr_gateway.users", "{user}", "Users in Wickr's results, by the result of each.");
        _attempts = meter.CreateHistogram(
            "wickr_gateway.attempts", "{attempt}", "Attempts of a call that passed all checks; 0 when it was not sent to Wickr after all.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [0, 1, 2, 3, 5, 10] });
        _retries = meter.CreateCounter<long>("wickr_gateway.retries", "{retry}", "Attempts after the first, by the reason for another one.");
        _upstream = meter.CreateHistogram(
            "wickr_gateway.upstream.duration", "s", "One attempt, from resolving credentials to the end of the response.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        _auditFailures = meter.CreateCounter<long>("wickr_gateway.audit.failures", "{failure}", "Audit records that could not be written, and audit files that somebody else changed.");
        _policyRefusals = meter.CreateCounter<long>("wickr_gateway.policy.refusals", "{call}", "Changes that the policy refused, by the reason.");
        meter.CreateObservableCounter("wickr_gateway.log.lines.dropped", static () => StandardOutput.DroppedLogLines, "{line}", "Log lines that standard output did not take.");
        var start = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("wickr_gateway.start.time", () => start, "s", "When the gateway started, in Unix time: what it counted since then is new to a Prometheus that has not seen it before.");
    }

    /// <summary>Publishes zeros for what has not happened yet; without them the first time would not show as an increase.</summary>
    /// <param name="problems">The values of the label <c>problem</c>, without that of success.</param>
    /// <param name="retryReasons">The values of the label <c>reason</c>.</param>
    /// <param name="actions">The values of the label <c>action</c>.</param>
    /// <param name="policyReasons">The values of the label <c>reason</c> of policy refusals.</param>
    public void StartAtZero(IEnumerable<string> problems, IEnumerable<string> retryReasons, IEnumerable<string> actions, IEnumerable<string> policyReasons)
    {
        _auditFailures.Add(0);
        foreach (var problem in problems.Prepend(None))
            _outcomes.Add(0, new KeyValuePair<string, object?>("problem", problem));

        foreach (var reason in policyReasons)
            _policyRefusals.Add(0, new KeyValuePair<string, object?>("reason", reason));

        foreach (var reason in retryReasons)
            _retries.Add(0, new KeyValuePair<string, object?>("reason", reason));

        foreach (var action in actions)
        {
            _users.Add(0, new("action", action), new("result", "successful"));
            _users.Add(0, new("action", action), new("result", "failed"));
        }
    }

    /// <param name="problem">Null for success.</param>
    /// <param name="network">A network that the configuration names, or <c>other</c>: a caller of every network could make up 10^8 of them.</param>
    public void RecordCall(string? action, string network, string? caller, string? problem)
    {
        _calls.Add(1, new TagList
        {
            { "action", action ?? None },
            { "network", network },
            { "caller", caller ?? None },
            { "problem", problem ?? None },
        });
        _outcomes.Add(1, new KeyValuePair<string, object?>("problem", problem ?? None));
    }

    /// <param name="outcome">Of a call that passed all checks.</param>
    public void RecordAttemptCount(int attempts, string outcome) => _attempts.Record(attempts, new KeyValuePair<string, object?>("outcome", outcome));

    public void RecordUsers(string action, int successful, int failed)
    {
        if (successful > 0)
            _users.Add(successful, new("action", action), new("result", "successful"));

        if (failed > 0)
            _users.Add(failed, new("action", action), new("result", "failed"));
    }

    public void RecordRetry(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void RecordAttemptDuration(string result, TimeSpan duration) => _upstream.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("result", result));

    public void RecordPolicyRefusal(string reason) => _policyRefusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void RecordAuditFailure() => _auditFailures.Add(1);
}
