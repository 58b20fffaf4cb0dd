namespace WickrGateway.Wickr;

/// <summary>How one attempt ended, or why there was none.</summary>
internal enum AttemptStatus
{
    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>200 with one whole JSON object.</summary>
    Accepted,

    /// <summary>Wickr's refusal of the request: 400, 404, 422.</summary>
    Rejected,

    /// <summary>Wickr's or AWS's refusal of the gateway's credentials or rights.</summary>
    AccessDenied,

    /// <summary>429, or an error code that AWS lists as throttling.</summary>
    Throttled,

    /// <summary>500, 502, 503, 504.</summary>
    ServerError,

    /// <summary>An answer that Wickr's API does not know.</summary>
    UnexpectedResponse,

    /// <summary>The answer's body ended before its end.</summary>
    ResponseTruncated,

    /// <summary>No connection came about, so nothing was sent.</summary>
    ConnectFailed,

    /// <summary>The connection broke before an answer.</summary>
    ConnectionReset,

    /// <summary>There were no credentials to sign with, so nothing was sent.</summary>
    NoCredentials,

    /// <summary>No attempt: the gateway's places and its queue were full, or the time ran out in the queue.</summary>
    Overloaded,

    /// <summary>No attempt: Wickr has been failing and is left alone for a while.</summary>
    CircuitOpen,
}

/// <summary>One attempt of a call, as it stands.</summary>
internal sealed class Attempt
{
    public required AttemptStatus Status { get; set; }

    public WickrResponse? Answer { get; set; }

    /// <summary>A floor for the wait before the next attempt, if Wickr asked for one.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>The time the attempt was signed with, which another call's correction may have overtaken since.</summary>
    public DateTimeOffset SignedAt { get; set; }

    /// <summary>The time by Wickr's clock.</summary>
    public DateTimeOffset? Date { get; set; }

    /// <summary>What Wickr refused has been mended since: fresh credentials, or a corrected clock.</summary>
    public bool IsMended { get; set; }
}
