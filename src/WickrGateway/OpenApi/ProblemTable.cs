using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using WickrGateway.Problems;

namespace WickrGateway.OpenApi;

/// <summary>A status other than 200, with an example of each problem that it can come with.</summary>
/// <param name="Headers">Those that every response with this status has.</param>
/// <param name="Problems">Null for one that this gateway cannot return.</param>
internal sealed record ProblemStatus(int Status, string Description, string[] Headers, params ProblemExample?[] Problems)
{
    /// <summary>With only some of its problems, whose titles are then the description; null when none is left.</summary>
    public ProblemStatus? Of(Func<string, bool> hasProblem)
    {
        ProblemExample[] all = [.. Problems.OfType<ProblemExample>()], left = [.. all.Where(example => hasProblem(example.Key))];
        if (left.Length == all.Length)
            return this;

        return left.Length == 0 ? null : this with { Problems = left, Description = $"{string.Join("; ", left.Select(example => example.Problem.Type.Title).Distinct(StringComparer.Ordinal))}." };
    }

    public Dictionary<string, IOpenApiExample> Examples()
    {
        var examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
        foreach (var example in Problems.OfType<ProblemExample>())
            examples.Add(example.Key, new OpenApiExample { Summary = example.Summary, Value = JsonNode.Parse(example.Problem.ToJson(OpenApi.Examples.TraceId)) });

        return examples;
    }
}

/// <param name="Problem">Made by the catalog.</param>
/// <param name="Case">Tells two examples of one type apart.</param>
internal sealed record ProblemExample(string Summary, GatewayProblem Problem, string? Case = null)
{
    public string Key => Case is null ? Problem.Type.Name : $"{Problem.Type.Name}-{Case}";
}

/// <summary>Every response other than Wickr's 200, status by status. All texts of the problems come from <see cref="ProblemCatalog"/>.</summary>
internal static class ProblemTable
{
    private const string Token = Examples.ClientToken;
    private const int MaxBodyLength = 64 * 1024;

    private static readonly string[] None = [];
    private static readonly string[] RetryAfter = [GatewayHeaders.RetryAfter];
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <param name="acceptsTokens">Whether the gateway accepts tokens beside API keys.</param>
    public static IReadOnlyList<ProblemStatus> Statuses(bool acceptsTokens) =>
    [
        new(400, "The request is not valid and was not sent to Wickr (`invalid-request`), or Wickr rejected it (`wickr-rejected`).", None,
            new ProblemExample("Two errors at once", ProblemCatalog.InvalidRequest(TwoErrors())),
            new ProblemExample("Wickr's BadRequestError", Rejected("BadRequestError", 400, "The client token was used for another request."))),
        new(401, "The request has no credential, or not a valid one; the detail says which.", [GatewayHeaders.Authenticate],
            new ProblemExample("No credential", ProblemCatalog.CredentialMissing([], acceptsTokens), Case: "missing"),
            new ProblemExample("An API key that is not valid", ProblemCatalog.ApiKeyInvalid([]), Case: "api-key"),
            !acceptsTokens ? null : new ProblemExample("A token that is not valid", ProblemCatalog.TokenInvalid([]), Case: "token")),
        new(403, $"The caller has no grant for this network or this action{(acceptsTokens ? ", or the token's subject is not mapped to a caller" : "")} (`forbidden`), or the policy refuses the change (`protected-user`, `suspend-limit`).", None,
            new ProblemExample("No grant for the network", ProblemCatalog.NetworkNotGranted(), Case: "network"),
            new ProblemExample("No grant for the action", ProblemCatalog.ActionNotGranted("unsuspend", Token), Case: "action"),
            new ProblemExample("A protected user", ProblemCatalog.ProtectedUsers([1], ["2"], Token)),
            new ProblemExample(
                "The caller's suspend limit",
                ProblemCatalog.SuspendLimitExceeded(
                    new SuspendLimitFigures(SuspendLimitFigures.CallerScope, Limit: 500, Used: 480, Requested: 30, "01:00:00"),
                    new DateTimeOffset(2026, 11, 26, 22, 14, 5, TimeSpan.Zero),
                    "Auth:Callers:offboarding:SuspendLimit or Policy:SuspendLimit:PerCaller",
                    Token)),
            !acceptsTokens ? null : new ProblemExample("A subject that is not mapped to a caller", ProblemCatalog.SubjectNotMapped(), Case: "subject")),
        new(404, "The path does not exist (`not-found`), the gateway's settings do not know the network (`network-unknown`), or Wickr has no such network (`wickr-rejected`).", None,
            new ProblemExample("A path that does not exist", ProblemCatalog.NotFound()),
            new ProblemExample("A network that the settings do not know", ProblemCatalog.NetworkUnknown(Token)),
            new ProblemExample("Wickr's ResourceNotFoundError", Rejected("ResourceNotFoundError", 404, "Network 12345679 was not found."))),
        new(405, "The path does not support this method.", [GatewayHeaders.Allow],
            new ProblemExample("PUT instead of POST", ProblemCatalog.MethodNotAllowed())),
        new(408, "The body did not arrive in time.", None,
            new ProblemExample("A body that is too slow", ProblemCatalog.BodyTooSlow())),
        new(413, "The body is larger than 64 KiB, that of a bulk request larger than 256 KiB.", None,
            new ProblemExample("A body that is too large", ProblemCatalog.BodyTooLarge(MaxBodyLength))),
        new(415, "The body is not `application/json` in UTF-8.", None,
            new ProblemExample("Another media type", ProblemCatalog.UnsupportedMediaType(ValidationErrors.Single("Content-Type", "must be application/json in UTF-8")))),
        new(422, "Wickr found the request invalid; its reasons are in `wickr`.", None,
            new ProblemExample("Wickr's ValidationError", Rejected("ValidationError", 422, "The request is not valid.", new WickrReason("userIds", "Unknown user.")))),
        new(429, "Too many requests: of this caller, at once or per second, or without a valid credential from this address (both `too-many-requests`), or of the gateway at Wickr (`wickr-throttled`).", RetryAfter,
            new ProblemExample("The caller's rate limit", ProblemCatalog.RateLimitExceeded(Second), Case: "caller"),
            new ProblemExample("Too many requests at once", ProblemCatalog.CallerConcurrencyExceeded(), Case: "concurrency"),
            new ProblemExample("Too many failed authentications", ProblemCatalog.TooManyFailedAuthentications(Second), Case: "address"),
            new ProblemExample("Wickr's rate limit", ProblemCatalog.WickrThrottled(Token, ChangeOutcome.NotApplied, Second) with { Wickr = Error("RateLimitError", 429, attempts: 3) })),
        new(500, "The gateway failed.", None,
            new ProblemExample("A failure of the gateway", ProblemCatalog.Internal(Token))),
        new(502, "Wickr refused the gateway's own credentials (`wickr-denied`), failed (`wickr-failed`) or could not be reached (`wickr-unreachable`).", None,
            new ProblemExample("The gateway's credentials", ProblemCatalog.WickrDenied(Token, ChangeOutcome.NotApplied) with { Wickr = Error("AccessDeniedException", 403) }),
            new ProblemExample("Wickr's server error", ProblemCatalog.WickrServerError(Token, ChangeOutcome.Unknown) with { Wickr = Error("InternalServerError", 500, attempts: 3) }),
            new ProblemExample("No connection", ProblemCatalog.WickrConnectFailed(Token, ChangeOutcome.NotApplied))),
        new(503, "Not now: the gateway has too many calls or bodies to read (`overloaded`), its circuit breaker is open (`wickr-circuit-open`), or it cannot write its audit (`audit-unavailable`). The request was not sent to Wickr.", RetryAfter,
            new ProblemExample("Too many calls at once", ProblemCatalog.Overloaded(Token, Second), Case: "calls"),
            new ProblemExample("Too many bodies at once", ProblemCatalog.TooManyBodies(), Case: "bodies"),
            new ProblemExample("The circuit breaker is open", ProblemCatalog.WickrCircuitOpen(Token, Second)),
            new ProblemExample("No audit", ProblemCatalog.AuditUnavailable(Token))),
        new(504, "Wickr did not respond in time.", None,
            new ProblemExample("No response in time", ProblemCatalog.WickrTimeout(Token, ChangeOutcome.Unknown))),
    ];

    /// <summary>Each <c>type</c> once, in the order of the statuses.</summary>
    public static IEnumerable<string> Types(bool acceptsTokens) => Statuses(acceptsTokens).SelectMany(status => status.Problems).OfType<ProblemExample>().Select(example => example.Problem.Type.Urn).Distinct(StringComparer.Ordinal);

    private static ValidationErrors TwoErrors()
    {
        var errors = ValidationErrors.Single("userIds[0]", "must be a string of 1 to 10 digits 0-9, not a number");
        errors.Add("suspend", "is missing; true suspends, false unsuspends, and there is no default");
        return errors;
    }

    private static GatewayProblem Rejected(string errorType, int status, string message, params WickrReason[] reasons) =>
        ProblemCatalog.WickrRejected(status, Token, ChangeOutcome.NotApplied) with
        {
            Wickr = Error(errorType, status) with { Message = message, Reasons = reasons.Length > 0 ? reasons : null },
        };

    private static WickrErrorDetails Error(string errorType, int status, int attempts = 1) => new(status, errorType, null, null, Examples.RequestId, attempts);
}
