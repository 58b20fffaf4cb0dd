using WickrGateway.Callers;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Problems;

/// <summary>Every answer that is the gateway's own: what a caller can get besides Wickr's 200 stands here and nowhere else.</summary>
internal static class ProblemCatalog
{
    private const string SendAgain = "The change may have happened: send the same request with the same clientToken again.";
    private const string NotApplied = "Nothing was changed.";

    private static readonly TimeSpan AuditPause = TimeSpan.FromSeconds(5);

    private static readonly ProblemKind InvalidRequestKind = new("invalid-request", "The request is not valid");
    private static readonly ProblemKind UnauthenticatedKind = new("unauthenticated", "The caller is not authenticated");
    private static readonly ProblemKind ForbiddenKind = new("forbidden", "The caller is not granted this");
    private static readonly ProblemKind NotFoundKind = new("not-found", "There is nothing here");
    private static readonly ProblemKind MethodNotAllowedKind = new("method-not-allowed", "The method is not allowed here");
    private static readonly ProblemKind TooManyRequestsKind = new("too-many-requests", "The caller asks too often");
    private static readonly ProblemKind AuditUnavailableKind = new("audit-unavailable", "The audit cannot be written");
    private static readonly ProblemKind OverloadedKind = new("overloaded", "The gateway is overloaded");
    private static readonly ProblemKind WickrRejectedKind = new("wickr-rejected", "Wickr refused the request");
    private static readonly ProblemKind WickrDeniedKind = new("wickr-denied", "Wickr refused the gateway");
    private static readonly ProblemKind WickrThrottledKind = new("wickr-throttled", "Wickr asks for fewer requests");
    private static readonly ProblemKind WickrFailedKind = new("wickr-failed", "Wickr failed");
    private static readonly ProblemKind WickrUnreachableKind = new("wickr-unreachable", "Wickr could not be reached");
    private static readonly ProblemKind WickrTimeoutKind = new("wickr-timeout", "Wickr did not answer in time");
    private static readonly ProblemKind WickrCircuitOpenKind = new("wickr-circuit-open", "Wickr has been failing");
    private static readonly ProblemKind InternalKind = new("internal", "The gateway failed");

    public static GatewayProblem InvalidRequest(int status, Faults faults) => new(InvalidRequestKind, status, Reading(status)) { Errors = faults.ByMember };

    /// <summary>For what the server refuses while the request is still being read.</summary>
    public static GatewayProblem Unreadable(int status)
    {
        var faults = new Faults();
        faults.Add("$", status == StatusCodes.Status413PayloadTooLarge ? $"is larger than {BodyReader.MaxLength} bytes" : "could not be read whole");
        return InvalidRequest(status, faults);
    }

    public static GatewayProblem Unauthenticated(string[] challenges) =>
        new(UnauthenticatedKind, StatusCodes.Status401Unauthorized, $"Send a valid credential: an API key in {CallerAuthentication.ApiKeyHeader}, or a bearer token where WWW-Authenticate offers it. Whatever is sent must count.")
        {
            Challenges = challenges,
        };

    /// <summary>For those without a valid credential, beyond the rate of failures.</summary>
    public static GatewayProblem TooManyFailures(TimeSpan wait) =>
        new(TooManyRequestsKind, StatusCodes.Status429TooManyRequests, "Too many requests from this address came without a valid credential.") { RetryAfter = wait };

    public static GatewayProblem SubjectForbidden() =>
        new(ForbiddenKind, StatusCodes.Status403Forbidden, "The token is valid, but its subject is no caller of this gateway.");

    /// <summary>The same words for every network, so that nobody learns which ones exist.</summary>
    public static GatewayProblem NetworkForbidden() =>
        new(ForbiddenKind, StatusCodes.Status403Forbidden, "This caller has no grant for this network.");

    public static GatewayProblem ActionForbidden(SuspendStatusRequest request) =>
        new(ForbiddenKind, StatusCodes.Status403Forbidden, $"This caller has no grant to {(request.Suspend ? "suspend" : "unsuspend")} users. {NotApplied}")
        {
            ClientToken = request.ClientToken,
            Outcome = ChangeOutcome.NotApplied,
        };

    public static GatewayProblem TooManyRequests(SuspendStatusRequest request, TimeSpan wait) =>
        new(TooManyRequestsKind, StatusCodes.Status429TooManyRequests, $"This caller has used up its rate; wait as Retry-After says. {NotApplied}")
        {
            ClientToken = request.ClientToken,
            Outcome = ChangeOutcome.NotApplied,
            RetryAfter = wait,
        };

    public static GatewayProblem AuditUnavailable(SuspendStatusRequest request) =>
        new(AuditUnavailableKind, StatusCodes.Status503ServiceUnavailable, $"The audit cannot be written, so Wickr was not asked. {NotApplied}")
        {
            ClientToken = request.ClientToken,
            Outcome = ChangeOutcome.NotApplied,
            RetryAfter = AuditPause,
        };

    public static GatewayProblem NotFound() =>
        new(NotFoundKind, StatusCodes.Status404NotFound, $"Nothing answers at this path. The one operation is POST {SuspendStatusEndpoint.Route}, written exactly so.");

    public static GatewayProblem MethodNotAllowed() =>
        new(MethodNotAllowedKind, StatusCodes.Status405MethodNotAllowed, "This path does not take this method; the Allow header names those it takes.");

    public static GatewayProblem Internal(SuspendStatusRequest? request) =>
        new(InternalKind, StatusCodes.Status500InternalServerError, $"A fault of the gateway; its log has more under the traceId. {SendAgain}")
        {
            ClientToken = request?.ClientToken,
            Outcome = ChangeOutcome.Unknown,
        };

    public static GatewayProblem Wickr(SuspendStatusRequest request, WickrCallResult result)
    {
        var problem = ByVerdict(result);
        return problem with
        {
            Detail = $"{problem.Detail} {(result.Outcome == ChangeOutcome.Unknown ? SendAgain : NotApplied)}",
            ClientToken = request.ClientToken,
            Outcome = result.Outcome,
            Wickr = result.Answer is { } answer
                ? new WickrProblem(answer.Status, answer.ErrorType, answer.Message, answer.Reasons, answer.RequestId, result.Attempts)
                : null,
        };
    }

    private static GatewayProblem ByVerdict(WickrCallResult result) => result.Failure switch
    {
        AttemptStatus.Rejected => new(WickrRejectedKind, result.Answer!.Status, "Wickr refused the request; its message and reasons are in wickr."),
        AttemptStatus.AccessDenied => new(WickrDeniedKind, StatusCodes.Status502BadGateway, "Wickr or AWS refused the gateway's own credentials or rights; its operators have to mend that."),
        AttemptStatus.NoCredentials => new(WickrDeniedKind, StatusCodes.Status502BadGateway, "The gateway has no AWS credentials, so Wickr was not asked; its operators have to mend that."),
        AttemptStatus.Throttled => new(WickrThrottledKind, StatusCodes.Status429TooManyRequests, "Wickr takes fewer requests than it got; wait as Retry-After says.")
        {
            RetryAfter = result.RetryAfter ?? TimeSpan.FromSeconds(1),
        },
        AttemptStatus.ServerError => new(WickrFailedKind, StatusCodes.Status502BadGateway, "Wickr answered with a server error."),
        AttemptStatus.ResponseTruncated => new(WickrFailedKind, StatusCodes.Status502BadGateway, "Wickr's answer was cut short."),
        AttemptStatus.UnexpectedResponse => new(WickrFailedKind, StatusCodes.Status502BadGateway, "Wickr's answer is none that its API knows."),
        AttemptStatus.ConnectFailed => new(WickrUnreachableKind, StatusCodes.Status502BadGateway, "No connection to Wickr came about."),
        AttemptStatus.ConnectionReset => new(WickrUnreachableKind, StatusCodes.Status502BadGateway, "The connection to Wickr broke before it answered."),
        AttemptStatus.Overloaded => new(OverloadedKind, StatusCodes.Status503ServiceUnavailable, "The gateway has more calls than it may take at once, so Wickr was not asked.") { RetryAfter = result.RetryAfter },
        AttemptStatus.CircuitOpen => new(WickrCircuitOpenKind, StatusCodes.Status503ServiceUnavailable, "Wickr has been failing, so it was not asked; wait as Retry-After says.") { RetryAfter = result.RetryAfter },
        _ => new(WickrTimeoutKind, StatusCodes.Status504GatewayTimeout, "Wickr gave no answer in time."),
    };

    private static string Reading(int status) => status switch
    {
        StatusCodes.Status415UnsupportedMediaType => "The body's format is not supported; errors says what is.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status408RequestTimeout => "The body did not arrive in time.",
        _ => "The request breaks the rules that errors lists, each under the member or header it is about. Wickr was not asked.",
    };
}
