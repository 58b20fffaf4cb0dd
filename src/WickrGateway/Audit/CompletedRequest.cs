using System.Net;
using WickrGateway.Callers;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Audit;

/// <summary>What kind of request it is. An endpoint that changes nothing has it as metadata.</summary>
/// <param name="Name">In metrics and audit.</param>
internal sealed record OperationKind(string Name)
{
    public static OperationKind Change { get; } = new("change");

    /// <summary>Checks a change and does not make it.</summary>
    public static OperationKind DryRun { get; } = new("dry-run");

    /// <summary>Makes a change in batches, each of which is audited as a change of its own.</summary>
    public static OperationKind Bulk { get; } = new("bulk");

    /// <summary>Returns who the caller is and what it may do.</summary>
    public static OperationKind WhoAmI { get; } = new("whoami");
}

/// <summary>Who made a request, and where from.</summary>
/// <param name="Caller">Null for a caller without a valid credential, or with a token whose subject is not mapped to a caller.</param>
/// <param name="NetworkId">Null when the path has none, or one that is not well-formed.</param>
internal sealed record RequestOrigin(Caller? Caller, Credential? Credential, string? NetworkId, string TraceId, IPAddress? RemoteAddress);

/// <summary>The change that a valid request asks for.</summary>
/// <param name="Action"><c>suspend</c> or <c>unsuspend</c>.</param>
/// <param name="Reason">The caller's, for the audit only.</param>
/// <param name="Region">The network's; null when the settings do not know it.</param>
/// <param name="Session">The name of the STS session that the request is signed with; null without a role.</param>
/// <param name="Bulk">Of a batch: where it belongs.</param>
internal sealed record RequestedChange(string Action, IReadOnlyList<string> UserIds, string ClientToken, string? Reason, string? Region = null, string? Session = null, BulkPosition? Bulk = null);

/// <summary>The place of a batch in a bulk request.</summary>
/// <param name="ClientToken">Of the whole request.</param>
/// <param name="Batch">From 1.</param>
/// <param name="Of">The number of batches.</param>
internal sealed record BulkPosition(string ClientToken, int Batch, int Of);

/// <summary>How a bulk request ended that was begun. Each of its users is in exactly one of the four counts.</summary>
/// <param name="Stopped">Why not all batches were sent: a problem's type, or one of <see cref="CompletedRequest"/>'s names; null when all were.</param>
internal sealed record BulkSummary(int Users, int Successful, int Failed, int Unknown, int NotSent, string? Stopped)
{
    /// <summary>Whether Wickr's results have every user.</summary>
    public bool IsComplete => Successful + Failed == Users;
}

/// <summary>
/// The end of a request: who, what, and how it ended. It is made once, and the response, the audit, the
/// request log, the metrics and the span are all written from it, so that none of them can say something else.
/// </summary>
/// <param name="Change">Null when the request was refused before it was read, or is not valid.</param>
/// <param name="Problem">Null for a 200, and when the caller disconnected.</param>
/// <param name="Wickr">Null when the request was refused before it could be sent.</param>
/// <param name="IsDisconnected">The caller disconnected before its request was read, so no response is sent.</param>
/// <param name="Summary">Of a bulk request that was begun.</param>
internal sealed record CompletedRequest(
    OperationKind Kind, RequestOrigin Origin, RequestedChange? Change, GatewayProblem? Problem, WickrResult? Wickr, bool IsDisconnected, TimeSpan Duration, BulkSummary? Summary = null)
{
    /// <summary>The gateway was told to end, so no further batch was begun.</summary>
    public const string ShuttingDown = "shutting-down";

    /// <summary>In place of a problem's type; it is none, because no response is sent.</summary>
    public const string Disconnected = "disconnected";

    /// <summary>Null when there is no response.</summary>
    public int? Status => IsDisconnected ? null : Problem?.Status ?? StatusCodes.Status200OK;

    /// <summary>The problem's type without its URN prefix, or <see cref="Disconnected"/>; null for a 200.</summary>
    public string? ProblemName => IsDisconnected ? Disconnected : Problem?.Type.Name;

    public ChangeOutcome? Outcome => Problem is null ? Wickr?.Outcome : Problem.Outcome;
}
