namespace WickrGateway.Wickr;

/// <summary>How one attempt ended.</summary>
internal enum AttemptStatus
{
    /// <summary>200 with one whole JSON object.</summary>
    Accepted,

    /// <summary>Wickr refused the request: 400, 404, 422.</summary>
    Rejected,

    /// <summary>Wickr or AWS refused the gateway's credentials or permissions.</summary>
    AccessDenied,

    /// <summary>429, or an error code that AWS lists as throttling.</summary>
    Throttled,

    /// <summary>500, 502, 503, 504.</summary>
    ServerError,

    /// <summary>A response that Wickr's API does not have.</summary>
    UnexpectedResponse,

    /// <summary>The body of the response ended too early.</summary>
    ResponseTruncated,

    /// <summary>No response in time.</summary>
    TimedOut,

    /// <summary>The connection broke before a response.</summary>
    ConnectionReset,

    /// <summary>There was no connection, so nothing was sent.</summary>
    ConnectFailed,

    /// <summary>There were no credentials to sign with, so nothing was sent.</summary>
    NoCredentials,

    /// <summary>AWS refused the role of the network, so nothing was sent.</summary>
    RoleRefused,

    /// <summary>STS could not be asked for the role of the network, so nothing was sent.</summary>
    StsUnreachable,
}

/// <summary>What the gateway did about a refusal of its signature; at most once each in a call.</summary>
internal enum AuthRecovery
{
    None,

    CredentialsRefreshed,

    ClockCorrected,
}

/// <summary>The end of one attempt; made once, when it is over.</summary>
internal sealed record AttemptResult(AttemptStatus Status)
{
    /// <summary>The response as far as it was read.</summary>
    public WickrResponse? Response { get; init; }

    /// <summary>The shortest wait before the next attempt that Wickr asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The time that the attempt was signed with; another call may have corrected the clock since.</summary>
    public DateTimeOffset SignedAt { get; init; }

    /// <summary>The response's <c>Date</c>.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>A time-out ended it, not the connection or a response.</summary>
    public bool WasCancelled { get; init; }

    /// <summary>False when its caller left it less than the attempt time-out.</summary>
    public bool HadFullTimeout { get; init; } = true;

    /// <summary>What has been done about a refusal, so that another attempt can succeed.</summary>
    public AuthRecovery Recovery { get; init; }

    /// <summary>Whether it may have reached Wickr without a clear response.</summary>
    public bool IsUnclear =>
        Status is AttemptStatus.TimedOut or AttemptStatus.ServerError or AttemptStatus.UnexpectedResponse or AttemptStatus.ResponseTruncated or AttemptStatus.ConnectionReset
        || Response?.Status >= 500;

    /// <summary>
    /// Whether it counts against Wickr in the circuit breaker: 5xx, time-outs and broken connections, never a refusal. A time-out of an
    /// attempt that its caller shortened does not, or one impatient caller could open the breaker for all.
    /// </summary>
    public bool CountsAsFailure =>
        (HadFullTimeout || !WasCancelled)
        && (Status is AttemptStatus.ServerError or AttemptStatus.ResponseTruncated or AttemptStatus.ConnectionReset or AttemptStatus.ConnectFailed or AttemptStatus.TimedOut
            || Response?.Status >= 500);
}

internal static class AttemptStatuses
{
    /// <summary>The value of the <c>result</c> label and of the span's <c>wickr_gateway.result</c>.</summary>
    public static string Label(this AttemptStatus status) => status switch
    {
        AttemptStatus.Accepted => "accepted",
        AttemptStatus.Rejected => "rejected",
        AttemptStatus.AccessDenied => "access-denied",
        AttemptStatus.Throttled => "throttled",
        AttemptStatus.ServerError => "server-error",
        AttemptStatus.UnexpectedResponse => "unexpected-response",
        AttemptStatus.ResponseTruncated => "response-truncated",
        AttemptStatus.TimedOut => "timed-out",
        AttemptStatus.ConnectionReset => "connection-reset",
        AttemptStatus.ConnectFailed => "connect-failed",
        AttemptStatus.RoleRefused => "role-refused",
        AttemptStatus.StsUnreachable => "sts-unreachable",
        _ => "no-credentials",
    };
}
