using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>Logs calls that failed on the way to Wickr: what happened, what it affects, what to do; at most once a minute for each kind and region.</summary>
internal sealed partial class UpstreamFailureLogger(ILogger<UpstreamFailureLogger> logger, TimeProvider time)
{
    private static readonly Advice Overloaded = new(
        LogLevel.Warning, "The gateway has reached its limit of concurrent calls", "Callers get overloaded and should wait.", "Add replicas, or raise Wickr:MaxConcurrency.");

    /// <summary>What is missing here is the caller's own error, or is logged where it happens (credentials, circuit breaker).</summary>
    private static readonly Dictionary<AttemptStatus, Advice> ByStatus = new()
    {
        [AttemptStatus.ServerError] = new(LogLevel.Warning, "Wickr responds with server errors", "Callers get wickr-failed and should send again.", "If it continues, ask AWS with the request id."),
        [AttemptStatus.ResponseTruncated] = new(LogLevel.Warning, "Wickr's responses end too early", "Callers get wickr-failed and should send again.", "Look for a proxy in between that closes connections."),
        [AttemptStatus.UnexpectedResponse] = new(LogLevel.Warning, "Wickr's endpoint sends responses that its API does not have", "Callers get wickr-failed and cannot fix it.", "Check Wickr:Endpoint and any proxy in between."),
        [AttemptStatus.TimedOut] = new(LogLevel.Warning, "Wickr does not respond in time", "Callers get wickr-timeout and should send again.", "Look at the upstream duration; Wickr:AttemptTimeout and Wickr:TotalTimeout are the limits."),
        [AttemptStatus.ConnectFailed] = new(LogLevel.Warning, "The gateway cannot connect to Wickr", "Callers get wickr-unreachable; its outcome says whether to send again.", "Check DNS, routes, firewall and TLS from here to Wickr's host."),
        [AttemptStatus.ConnectionReset] = new(LogLevel.Warning, "Connections to Wickr break", "Callers get wickr-unreachable and should send again.", "Check the network from here to Wickr's host."),
        [AttemptStatus.Throttled] = new(LogLevel.Warning, "Wickr throttles the gateway", "Callers get wickr-throttled and should wait.", "Find who calls most (wickr_gateway_calls_total by caller), or have AWS raise the limit."),
        [AttemptStatus.AccessDenied] = new(LogLevel.Error, "Wickr or AWS refuses the gateway's credentials or permissions", "Every caller gets wickr-denied until it is fixed.", "Check the IAM policy, the role and the region."),
    };

    private readonly LogThrottleSet<(Advice Advice, string Region)> _throttles = new(time);

    public void Write(WickrResult result, string region)
    {
        var advice = result switch
        {
            { Failure: CallFailure.Overloaded } => Overloaded,
            { Status: { } status } => ByStatus.GetValueOrDefault(status),
            _ => null,
        };
        if (advice is null || !_throttles.TryAcquire((advice, region), out var suppressed))
            return;

        var response = result.Response;
        Log.Failing(logger, advice.Level, advice.WhatHappened, region, response?.Status, response?.ErrorType, response?.RequestId, result.Attempts, advice.Effect, advice.Remedy, suppressed);
    }

    private sealed record Advice(LogLevel Level, string WhatHappened, string Effect, string Remedy);

    private static partial class Log
    {
        [LoggerMessage(Message = "{WhatHappened} (region {Region}, status {Status}, error {ErrorType}, request id {WickrRequestId}, attempts {Attempts}). {Effect} {Remedy} Suppressed messages of this kind: {Suppressed}")]
        public static partial void Failing(
            ILogger logger, LogLevel level, string whatHappened, string region, int? status, string? errorType, string? wickrRequestId, int attempts, string effect, string remedy, int suppressed);
    }
}
