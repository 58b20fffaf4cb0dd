using WickrGateway.Audit;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>How a filter or a handler ended a request; <see cref="CompletionFilter"/> makes the response and all records from it.</summary>
/// <param name="Change">Null when the request was refused before it was read, or is not valid.</param>
/// <param name="Problem">Null for a 200, and when the caller disconnected.</param>
/// <param name="Wickr">Null when nothing was to be sent.</param>
/// <param name="IsDisconnected">The caller disconnected before its request was read.</param>
/// <param name="Result">The gateway's own 200, when nothing was to be sent.</param>
/// <param name="Summary">Of a bulk request whose response has been written.</param>
internal sealed record OperationEnd(RequestedChange? Change, GatewayProblem? Problem, WickrResult? Wickr, bool IsDisconnected = false, IResult? Result = null, BulkSummary? Summary = null)
{
    public static OperationEnd Disconnected { get; } = new(null, null, null, IsDisconnected: true);

    public static OperationEnd Refused(GatewayProblem problem, RequestedChange? change = null) => new(change, problem, null);

    /// <summary>An unexpected exception ended it; the outcome of the change is unknown.</summary>
    public static OperationEnd Failed(RequestedChange? change = null) => new(change, ProblemCatalog.Internal(change?.ClientToken), null);

    public static OperationEnd Succeeded(IResult result, RequestedChange? change = null) => new(change, null, null, Result: result);

    /// <summary>The response has been written already, but for its last line.</summary>
    public static OperationEnd Streamed(RequestedChange change, BulkSummary summary, IResult lastLine) => new(change, null, null, Result: lastLine, Summary: summary);

    public static OperationEnd Sent(RequestedChange change, WickrResult result) =>
        new(change, result.IsSuccess ? null : result.ToProblem(change.ClientToken), result);
}
