using WickrGateway.Wickr;

namespace WickrGateway.Observability;

/// <summary>Tells the operators of calls that failed on the way to Wickr: what happened, to whom it matters, what to do; once a minute for each kind.</summary>
internal sealed partial class UpstreamFailureLogger(ILogger<UpstreamFailureLogger> logger, TimeProvider time)
{
    private static readonly Dictionary<AttemptStatus, Advice> Kinds = new()
    {
        [AttemptStatus.ServerError] = new(LogLevel.Warning, "Wickr answers with server errors", "Callers get wickr-failed and are to send again.", "If it lasts, ask AWS with the request id."),
        [AttemptStatus.ResponseTruncated] = new(LogLevel.Warning, "Wickr's answers are cut short", "Callers get wickr-failed and are to send again.", "Look for a proxy in between that ends connections."),
        [AttemptStatus.UnexpectedResponse] = new(LogLevel.Warning, "Wickr's endpoint answers with what is none of its answers", "Callers get wickr-failed and cannot help it.", "Check Wickr:Endpoint and any proxy in between."),
        [AttemptStatus.TimedOut] = new(LogLevel.Warning, "Wickr does not answer in time", "Callers get wickr-timeout and are to send again.", "Look at the upstream duration; Wickr:AttemptTimeout and Wickr:TotalTimeout are the limits."),
        [AttemptStatus.ConnectFailed] = new(LogLevel.Warning, "No connection to Wickr comes about", "Callers get wickr-unreachable; nothing was changed.", "Check DNS, routes, firewall and TLS from here to Wickr's host."),
        [AttemptStatus.ConnectionReset] = new(LogLevel.Warning, "Connections to Wickr break", "Callers get wickr-unreachable and are to send again.", "Check the network from here to Wickr's host."),
        [AttemptStatus.Throttled] = new(LogLevel.Warning, "Wickr asks for fewer requests", "Callers get wickr-throttled and are to wait.", "Find who calls most (wickr_gateway_calls_total by caller), or have AWS raise the limit."),
        [AttemptStatus.AccessDenied] = new(LogLevel.Error, "Wickr or AWS refuses the gateway's credentials or rights", "Every caller gets wickr-denied until it is mended.", "Check the IAM policy, the role and the region."),
        [AttemptStatus.Overloaded] = new(LogLevel.Warning, "The gateway has more calls than it may take at once", "Callers get overloaded and are to wait.", "Add replicas, or raise Wickr:MaxConcurrency."),
    };

    private readonly Dictionary<AttemptStatus, LogThrottle> _gates = Kinds.Keys.ToDictionary(kind => kind, _ => new LogThrottle(time));

    public void Warn(WickrCallResult result)
    {
        // What has no advice is the caller's own matter, or told where it happens (credentials, circuit breaker).
        if (result.Failure is not { } failure || !Kinds.TryGetValue(failure, out var advice) || !_gates[failure].TryAcquire(out var suppressed))
            return;

        Log.Failing(logger, advice.Level, advice.WhatHappened, result.Answer?.Status, result.Answer?.ErrorType, result.Answer?.RequestId, result.Attempts, advice.ToWhom, advice.WhatToDo, suppressed);
    }

    private sealed record Advice(LogLevel Level, string WhatHappened, string ToWhom, string WhatToDo);

    private static partial class Log
    {
        [LoggerMessage(Message = "{WhatHappened} (status {Status}, error {ErrorType}, request id {WickrRequestId}, attempts {Attempts}). {ToWhom} {WhatToDo} Such calls not told since the last line like this: {Suppressed}")]
        public static partial void Failing(
            ILogger logger, LogLevel level, string whatHappened, int? status, string? errorType, string? wickrRequestId, int attempts, string toWhom, string whatToDo, int suppressed);
    }
}
