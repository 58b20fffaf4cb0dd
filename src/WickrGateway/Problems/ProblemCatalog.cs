namespace WickrGateway.Problems;

/// <summary>Every response that the gateway makes itself: whatever a caller can get besides Wickr's 200 is listed here and nowhere else.</summary>
internal static class ProblemCatalog
{
    private const string SendAgain = "The change may have happened: send the same request with the same clientToken again.";
    private const string NothingChanged = "Nothing was changed.";

    public const string ProtectedUserName = "protected-user";
    public const string SuspendLimitName = "suspend-limit";
    public const string UnauthenticatedName = "unauthenticated";
    public const string ForbiddenName = "forbidden";

    private static readonly TimeSpan AuditRetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    private static readonly ProblemType InvalidRequestType = new("invalid-request", "The request is not valid");
    private static readonly ProblemType UnauthenticatedType = new(UnauthenticatedName, "The caller is not authenticated");
    private static readonly ProblemType ForbiddenType = new(ForbiddenName, "The caller is not authorized");
    private static readonly ProblemType ProtectedUserType = new(ProtectedUserName, "The request names protected users");
    private static readonly ProblemType SuspendLimitType = new(SuspendLimitName, "The suspend limit would be exceeded");
    private static readonly ProblemType NetworkUnknownType = new("network-unknown", "The network is unknown to the gateway");
    private static readonly ProblemType NotFoundType = new("not-found", "Not found");
    private static readonly ProblemType MethodNotAllowedType = new("method-not-allowed", "Method not allowed");
    private static readonly ProblemType TooManyRequestsType = new("too-many-requests", "Too many requests");
    private static readonly ProblemType AuditUnavailableType = new("audit-unavailable", "The audit cannot be written");
    private static readonly ProblemType OverloadedType = new("overloaded", "The gateway is overloaded");
    private static readonly ProblemType WickrRejectedType = new("wickr-rejected", "Wickr rejected the request");
    private static readonly ProblemType WickrDeniedType = new("wickr-denied", "Wickr denied the gateway access");
    private static readonly ProblemType WickrThrottledType = new("wickr-throttled", "Wickr throttled the request");
    private static readonly ProblemType WickrFailedType = new("wickr-failed", "Wickr failed");
    private static readonly ProblemType WickrUnreachableType = new("wickr-unreachable", "Wickr is unreachable");
    private static readonly ProblemType WickrTimeoutType = new("wickr-timeout", "Wickr did not respond in time");
    private static readonly ProblemType WickrCircuitOpenType = new("wickr-circuit-open", "The circuit breaker is open");
    private static readonly ProblemType InternalType = new("internal", "Internal error");

    /// <summary>The name of every type.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. new[]
        {
            InvalidRequestType, UnauthenticatedType, ForbiddenType, ProtectedUserType, SuspendLimitType, NetworkUnknownType, NotFoundType, MethodNotAllowedType, TooManyRequestsType,
            AuditUnavailableType, OverloadedType, WickrRejectedType, WickrDeniedType, WickrThrottledType, WickrFailedType, WickrUnreachableType, WickrTimeoutType, WickrCircuitOpenType, InternalType,
        }.Select(type => type.Name),
    ];

    // The request.

    public static GatewayProblem InvalidRequest(ValidationErrors errors) => Invalid(
        StatusCodes.Status400BadRequest,
        "The request breaks the rules listed in errors, each under the field or header it is about. It was not sent to Wickr.",
        errors);

    public static GatewayProblem UnsupportedMediaType(ValidationErrors errors) =>
        Invalid(StatusCodes.Status415UnsupportedMediaType, "The format of the body is not supported; errors says what is.", errors);

    /// <param name="maxBytes">The largest body that is accepted.</param>
    public static GatewayProblem BodyTooLarge(int maxBytes) =>
        Invalid(StatusCodes.Status413PayloadTooLarge, "The body is too large.", ValidationErrors.Single(ValidationErrors.Body, $"is larger than {maxBytes} bytes"));

    public static GatewayProblem BodyTooSlow() =>
        Invalid(StatusCodes.Status408RequestTimeout, "The body did not arrive in time.", ValidationErrors.Single(ValidationErrors.Body, "did not arrive in time"));

    /// <summary>For a body that the server cannot read to its end: malformed chunks, or fewer bytes than announced.</summary>
    public static GatewayProblem UnreadableBody() =>
        InvalidRequest(ValidationErrors.Single(ValidationErrors.Body, "could not be read to its end"));

    public static GatewayProblem NotFound() => new(
        NotFoundType,
        StatusCodes.Status404NotFound,
        "This path does not exist. Paths are case-sensitive and have no trailing slash; /swagger/v1/swagger.json describes those that exist.");

    public static GatewayProblem MethodNotAllowed() =>
        new(MethodNotAllowedType, StatusCodes.Status405MethodNotAllowed, "This path does not support this method; the Allow header lists those it does.");

    // The caller.

    public static GatewayProblem CredentialMissing(string[] challenges, bool acceptsTokens) => Unauthenticated(
        acceptsTokens
            ? "No credential was sent. Send an API key in X-Api-Key, or a token as Authorization: Bearer …"
            : "No credential was sent. Send an API key in X-Api-Key; this gateway does not accept tokens.",
        challenges);

    public static GatewayProblem ApiKeyInvalid(string[] challenges) => Unauthenticated("The API key is not valid.", challenges);

    public static GatewayProblem TokenInvalid(string[] challenges) => Unauthenticated(
        "The token is not valid: its signature, issuer, audience, type or lifetime is not what this gateway accepts. Get a new one.", challenges);

    public static GatewayProblem NotABearerToken(string[] challenges) => Unauthenticated("Authorization is not one bearer token. Send Authorization: Bearer …, or only an API key in X-Api-Key.", challenges);

    public static GatewayProblem CredentialsOfDifferentCallers(string[] challenges) => Unauthenticated("The API key and the token belong to different callers. Send one of them.", challenges);

    public static GatewayProblem TooManyFailedAuthentications(TimeSpan retryAfter) =>
        TooManyRequests("Too many requests without a valid credential of a caller came from this address; wait as Retry-After says.", retryAfter);

    public static GatewayProblem RateLimitExceeded(TimeSpan retryAfter) =>
        TooManyRequests("This caller's rate limit is exceeded; wait as Retry-After says.", retryAfter);

    public static GatewayProblem CallerConcurrencyExceeded() =>
        TooManyRequests("This caller has too many requests under way at once; wait as Retry-After says.", DefaultRetryAfter);

    public static GatewayProblem TooManyBulkRequests() =>
        TooManyRequests("This caller has as many bulk requests under way as it may have at once; wait until one has ended.", DefaultRetryAfter);

    public static GatewayProblem SubjectNotMapped() => Forbidden("The token is valid, but its subject is not mapped to a caller.");

    /// <summary>The same for every network, so that it does not reveal which ones exist.</summary>
    public static GatewayProblem NetworkNotGranted() => Forbidden("This caller has no grant for this network.");

    public static GatewayProblem ActionNotGranted(string action, string clientToken) =>
        NotApplied(Forbidden($"This caller has no grant to {action} users."), clientToken);

    // The policy.

    /// <param name="positions">Of the protected users in <c>userIds</c>.</param>
    /// <param name="userIds">These users.</param>
    public static GatewayProblem ProtectedUsers(IReadOnlyList<int> positions, IReadOnlyList<string> userIds, string clientToken)
    {
        var errors = new ValidationErrors();
        foreach (var position in positions)
            errors.Add($"userIds[{position}]", "is a protected user");

        return NotApplied(
            new(ProtectedUserType, StatusCodes.Status403Forbidden, "The request names users that are protected against accidents, so nothing was sent. Remove them, or ask the gateway's operators: a caller with the action protected may change them.")
            {
                Errors = errors.ByField(),
                ProtectedUserIds = userIds,
            },
            clientToken);
    }

    /// <param name="freeAt">When there is room for the request; null when that is not known.</param>
    /// <param name="keys">The settings that an operator can raise.</param>
    public static GatewayProblem SuspendLimitExceeded(SuspendLimitFigures limit, DateTimeOffset? freeAt, string keys, string clientToken)
    {
        var who = limit.Scope == SuspendLimitFigures.CallerScope ? "This caller has" : "The callers of this network have";
        var room = freeAt is { } time ? $"This limit has room for the request again at {time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}." : "";
        return NotApplied(
            new(
                SuspendLimitType,
                StatusCodes.Status403Forbidden,
                $"{who} suspended {limit.Used} of {limit.Limit} users within {limit.Window}, and this request has {limit.Requested} more, so nothing was sent. Stop, and check that so many users are meant. If they are, the gateway's operators can raise {keys}. {room}".TrimEnd())
            {
                Limit = limit,
            },
            clientToken);
    }

    // The gateway.

    public static GatewayProblem AuditUnavailable(string clientToken) => NotApplied(
        Unavailable(AuditUnavailableType, "The audit cannot be written, so the request was not sent to Wickr.", AuditRetryAfter), clientToken);

    public static GatewayProblem NetworkUnknown(string clientToken) => NotApplied(
        new(NetworkUnknownType, StatusCodes.Status404NotFound, "The gateway's settings do not say in which region this network is, so the request was not sent; the gateway's operators must add it to Wickr:Networks."), clientToken);

    public static GatewayProblem Overloaded(string clientToken, TimeSpan retryAfter) => NotApplied(
        Unavailable(OverloadedType, "The gateway has reached its limit of concurrent calls, so the request was not sent to Wickr.", retryAfter), clientToken);

    /// <summary>Without a client token, because the body is not read.</summary>
    public static GatewayProblem TooManyBodies() => NotApplied(
        Unavailable(OverloadedType, "The gateway is reading too many requests at once, so the request was not sent to Wickr.", DefaultRetryAfter), clientToken: null);

    /// <param name="clientToken">Null when the request had not been read yet.</param>
    public static GatewayProblem Internal(string? clientToken) => Complete(
        new(InternalType, StatusCodes.Status500InternalServerError, "The gateway failed; its log has the details under the traceId."), clientToken, ChangeOutcome.Unknown);

    // Wickr. The outcome depends on all attempts of the call, so it is passed in where it can be either.

    /// <param name="status">Wickr's own: 400, 404 or 422.</param>
    public static GatewayProblem WickrRejected(int status, string clientToken, ChangeOutcome outcome) =>
        Complete(new(WickrRejectedType, status, "Wickr rejected the request; wickr has its message and reasons."), clientToken, outcome);

    public static GatewayProblem WickrDenied(string clientToken, ChangeOutcome outcome) => Complete(
        BadGateway(WickrDeniedType, "Wickr or AWS refused the gateway's credentials or permissions; the gateway's operators must fix this."), clientToken, outcome);

    public static GatewayProblem NoCredentials(string clientToken, ChangeOutcome outcome) => Complete(
        BadGateway(WickrDeniedType, "The gateway's AWS credentials could not be resolved, so the request was not sent; the gateway's operators must fix this."), clientToken, outcome);

    public static GatewayProblem RoleRefused(string clientToken, ChangeOutcome outcome) => Complete(
        BadGateway(WickrDeniedType, "AWS refused the role for this network, so the request was not sent; the gateway's operators must fix this."), clientToken, outcome);

    public static GatewayProblem StsUnreachable(string clientToken, ChangeOutcome outcome) => Complete(
        BadGateway(WickrUnreachableType, "AWS's token service (STS) could not be reached, so the request was not sent."), clientToken, outcome);

    public static GatewayProblem WickrThrottled(string clientToken, ChangeOutcome outcome, TimeSpan? retryAfter) => Complete(
        new(WickrThrottledType, StatusCodes.Status429TooManyRequests, "Wickr's rate limit is exceeded; wait as Retry-After says.") { RetryAfter = retryAfter ?? DefaultRetryAfter },
        clientToken,
        outcome);

    public static GatewayProblem WickrServerError(string clientToken, ChangeOutcome outcome) =>
        Complete(BadGateway(WickrFailedType, "Wickr responded with a server error."), clientToken, outcome);

    public static GatewayProblem WickrResponseTruncated(string clientToken, ChangeOutcome outcome) =>
        Complete(BadGateway(WickrFailedType, "Wickr's response ended too early."), clientToken, outcome);

    public static GatewayProblem WickrUnexpectedResponse(string clientToken, ChangeOutcome outcome) =>
        Complete(BadGateway(WickrFailedType, "The response is not one of Wickr's API."), clientToken, outcome);

    public static GatewayProblem WickrConnectFailed(string clientToken, ChangeOutcome outcome) =>
        Complete(BadGateway(WickrUnreachableType, "The gateway could not connect to Wickr."), clientToken, outcome);

    public static GatewayProblem WickrConnectionReset(string clientToken, ChangeOutcome outcome) =>
        Complete(BadGateway(WickrUnreachableType, "The connection to Wickr broke before the response."), clientToken, outcome);

    public static GatewayProblem WickrTimeout(string clientToken, ChangeOutcome outcome) =>
        Complete(new(WickrTimeoutType, StatusCodes.Status504GatewayTimeout, "Wickr did not respond in time."), clientToken, outcome);

    public static GatewayProblem WickrCircuitOpen(string clientToken, TimeSpan retryAfter) => NotApplied(
        Unavailable(WickrCircuitOpenType, "Wickr has been failing, so the request was not sent; wait as Retry-After says.", retryAfter), clientToken);

    private static GatewayProblem Invalid(int status, string detail, ValidationErrors errors) => new(InvalidRequestType, status, detail) { Errors = errors.ByField() };

    private static GatewayProblem Unauthenticated(string detail, string[] challenges) =>
        new(UnauthenticatedType, StatusCodes.Status401Unauthorized, detail) { Challenges = challenges };

    private static GatewayProblem Forbidden(string detail) => new(ForbiddenType, StatusCodes.Status403Forbidden, detail);

    private static GatewayProblem TooManyRequests(string detail, TimeSpan retryAfter) =>
        new(TooManyRequestsType, StatusCodes.Status429TooManyRequests, detail) { RetryAfter = retryAfter };

    private static GatewayProblem Unavailable(ProblemType type, string detail, TimeSpan retryAfter) =>
        new(type, StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = retryAfter };

    private static GatewayProblem BadGateway(ProblemType type, string detail) => new(type, StatusCodes.Status502BadGateway, detail);

    private static GatewayProblem NotApplied(GatewayProblem problem, string? clientToken) => Complete(problem, clientToken, ChangeOutcome.NotApplied);

    /// <summary>Every problem after validation has the token, the outcome, and a last sentence that says what the outcome means.</summary>
    private static GatewayProblem Complete(GatewayProblem problem, string? clientToken, ChangeOutcome outcome) => problem with
    {
        Detail = $"{problem.Detail} {(outcome == ChangeOutcome.Unknown ? SendAgain : NothingChanged)}",
        ClientToken = clientToken,
        Outcome = outcome,
    };
}
