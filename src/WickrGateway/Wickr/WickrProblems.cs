using WickrGateway.Problems;

namespace WickrGateway.Wickr;

/// <summary>The problem for each way in which a call can fail.</summary>
internal static class WickrProblems
{
    /// <param name="result">Anything but a success.</param>
    public static GatewayProblem ToProblem(this WickrResult result, string clientToken) =>
        (result.Failure is { } failure ? ForFailure(failure, result, clientToken) : ForStatus(result, clientToken)) with
        {
            Wickr = result.Response is { } response
                ? new WickrErrorDetails(response.Status, response.ErrorType, response.Message, response.Reasons, response.RequestId, result.Attempts)
                : null,
        };

    private static GatewayProblem ForFailure(CallFailure failure, WickrResult result, string clientToken) => failure switch
    {
        CallFailure.Overloaded => ProblemCatalog.Overloaded(clientToken, result.RetryAfter ?? TimeSpan.Zero),
        CallFailure.CircuitOpen => ProblemCatalog.WickrCircuitOpen(clientToken, result.RetryAfter ?? TimeSpan.Zero),
        _ => ProblemCatalog.Internal(clientToken),
    };

    private static GatewayProblem ForStatus(WickrResult result, string clientToken) => result.Status switch
    {
        AttemptStatus.Rejected => ProblemCatalog.WickrRejected(result.Response!.Status, clientToken, result.Outcome),
        AttemptStatus.AccessDenied => ProblemCatalog.WickrDenied(clientToken, result.Outcome),
        AttemptStatus.NoCredentials => ProblemCatalog.NoCredentials(clientToken, result.Outcome),
        AttemptStatus.RoleRefused => ProblemCatalog.RoleRefused(clientToken, result.Outcome),
        AttemptStatus.StsUnreachable => ProblemCatalog.StsUnreachable(clientToken, result.Outcome),
        AttemptStatus.Throttled => ProblemCatalog.WickrThrottled(clientToken, result.Outcome, result.RetryAfter),
        AttemptStatus.ServerError => ProblemCatalog.WickrServerError(clientToken, result.Outcome),
        AttemptStatus.ResponseTruncated => ProblemCatalog.WickrResponseTruncated(clientToken, result.Outcome),
        AttemptStatus.UnexpectedResponse => ProblemCatalog.WickrUnexpectedResponse(clientToken, result.Outcome),
        AttemptStatus.ConnectFailed => ProblemCatalog.WickrConnectFailed(clientToken, result.Outcome),
        AttemptStatus.ConnectionReset => ProblemCatalog.WickrConnectionReset(clientToken, result.Outcome),
        _ => ProblemCatalog.WickrTimeout(clientToken, result.Outcome),
    };
}
