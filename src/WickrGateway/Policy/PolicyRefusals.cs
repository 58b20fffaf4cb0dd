using WickrGateway.Observability;
using WickrGateway.Problems;

namespace WickrGateway.Policy;

/// <summary>Counts and logs what the policy refused: an automation that runs wild is seen by its operators, not only by itself.</summary>
internal sealed partial class PolicyRefusals(GatewayMetrics metrics, TimeProvider time, ILogger<PolicyRefusals> logger)
{
    /// <summary>The values of the metric's label <c>reason</c>.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [ProblemCatalog.ProtectedUserName, ProblemCatalog.SuspendLimitName];

    private readonly LogThrottleSet<string> _throttles = new(time);

    /// <param name="problem">One of <see cref="Reasons"/>.</param>
    public void Record(ChangeRequest request, GatewayProblem problem)
    {
        metrics.RecordPolicyRefusal(problem.Type.Name);
        if (_throttles.TryAcquire(request.Caller.Name, out var suppressed))
            Log.Refused(logger, request.Caller.Name, request.NetworkId, problem.Type.Name, problem.Detail, suppressed);
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "The policy refused a change of {Caller} in network {Network}, and nothing was sent to Wickr: {Problem}. The response was: {Detail} Find out what it was about to do; the audit has its requests. Suppressed messages about this caller: {Suppressed}")]
        public static partial void Refused(ILogger logger, string caller, string network, string problem, string detail, int suppressed);
    }
}
