using System.Diagnostics;
using System.Diagnostics.Metrics;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Observability;

/// <summary>
/// What the gateway counts: one method for each thing that happens. No label has more values than the settings name: no user, no token,
/// nothing that a caller or Wickr can make up.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "WickrGateway";

    private const string None = "none";
    private const string Other = "other";

    private readonly Counter<long> _calls;
    private readonly Counter<long> _users;
    private readonly Histogram<int> _attempts;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _upstream;
    private readonly Counter<long> _auditFailures;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _calls = meter.CreateCounter<long>("wickr_gateway.calls", "{call}", "Calls of the operation, by what came of them.");
        _users = meter.CreateCounter<long>("wickr_gateway.users", "{user}", "Users in Wickr's answers, by what Wickr said of each.");
        _attempts = meter.CreateHistogram(
            "wickr_gateway.attempts", "{attempt}", "Attempts of a call that was let through to Wickr; 0 when Wickr was not asked after all.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [0, 1, 2, 3, 5, 10] });
        _retries = meter.CreateCounter<long>("wickr_gateway.retries", "{retry}", "Attempts after the first, by why there was another.");
        _upstream = meter.CreateHistogram(
            "wickr_gateway.upstream.duration", "s", "One attempt, from asking for credentials to the whole answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
        _auditFailures = meter.CreateCounter<long>("wickr_gateway.audit.failures", "{failure}", "Audit records that could not be written.");
    }

    /// <summary>Shows what has not happened yet as zero, or the first time would not be seen as a rise.</summary>
    public void BeginAtZero()
    {
        _auditFailures.Add(0);
        foreach (var reason in (RetryReason[])[RetryReason.Transient, RetryReason.Throttling, RetryReason.AuthRecovery])
            _retries.Add(0, new KeyValuePair<string, object?>("reason", Name(reason)));

        foreach (var action in (string[])["suspend", "unsuspend"])
        {
            _users.Add(0, new("action", action), new("result", "successful"));
            _users.Add(0, new("action", action), new("result", "failed"));
        }
    }

    /// <param name="namedNetworks">The networks that the settings name; all others are one label, because a caller of every network could make up 10^8 of them.</param>
    public void Called(Call call, IReadOnlySet<string> namedNetworks)
    {
        _calls.Add(1, new TagList
        {
            { "action", call.Read is { } read ? Action(read.Request) : None },
            { "network", call.NetworkId is { } network && namedNetworks.Contains(network) ? network : Other },
            { "caller", call.Caller?.Name ?? None },
            { "problem", call.Problem?.Kind.Name ?? None },
        });

        if (call.Result is not { } result)
            return;

        _attempts.Record(result.Attempts, new KeyValuePair<string, object?>("outcome", GatewayProblem.OutcomeName(result.Outcome)));
        if (result is { Outcome: ChangeOutcome.Applied, Answer: { } answer } && call.Read is { } asked)
            CountUsers(Action(asked.Request), UserResults.Count(answer.Body));
    }

    public void Retried(RetryReason reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", Name(reason)));

    public void Attempted(AttemptStatus status, TimeSpan duration) => _upstream.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("verdict", Name(status)));

    public void AuditFailed() => _auditFailures.Add(1);

    private void CountUsers(string action, (int Successful, int Failed) users)
    {
        if (users.Successful > 0)
            _users.Add(users.Successful, new("action", action), new("result", "successful"));

        if (users.Failed > 0)
            _users.Add(users.Failed, new("action", action), new("result", "failed"));
    }

    private static string Action(SuspendStatusRequest request) => request.Suspend ? "suspend" : "unsuspend";

    private static string Name(RetryReason reason) => reason switch
    {
        RetryReason.Throttling => "throttling",
        RetryReason.AuthRecovery => "mended",
        _ => "transient",
    };

    /// <summary>In the words of the problems where there is one for it.</summary>
    public static string Name(AttemptStatus status) => status switch
    {
        AttemptStatus.Accepted => "accepted",
        AttemptStatus.Rejected => "rejected",
        AttemptStatus.AccessDenied => "denied",
        AttemptStatus.Throttled => "throttled",
        AttemptStatus.ServerError => "failed",
        AttemptStatus.UnexpectedResponse => "unrecognised",
        AttemptStatus.ResponseTruncated => "cut-short",
        AttemptStatus.ConnectFailed => "not-sent",
        AttemptStatus.ConnectionReset => "broken",
        AttemptStatus.NoCredentials => "no-credentials",
        AttemptStatus.Overloaded => "overloaded",
        AttemptStatus.CircuitOpen => "circuit-open",
        AttemptStatus.TimedOut => "timed-out",
        _ => throw new UnreachableException(),
    };
}
