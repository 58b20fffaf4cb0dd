using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace WickrGateway.OpenApi;

/// <summary>A status that is not 200, and the problems that come with it.</summary>
/// <param name="Headers">Those that are always there with this status.</param>
internal sealed record ProblemStatus(int Status, string Description, string[] Headers, params ProblemExample[] Problems)
{
    public Dictionary<string, IOpenApiExample> Examples()
    {
        var examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
        foreach (var problem in Problems)
            examples.Add(problem.Key, new OpenApiExample { Summary = problem.Summary, Value = problem.Body(Status) });

        return examples;
    }
}

/// <param name="Name">The last part of the <c>type</c> URN.</param>
/// <param name="Case">Tells two examples of one type apart.</param>
/// <param name="Members">What the example has besides the members that each problem has.</param>
internal sealed record ProblemExample(string Name, string Title, string Summary, string Detail, string? Case = null, string? Members = null)
{
    public string Key => Case is null ? Name : $"{Name}-{Case}";

    public string Type => $"urn:wickr-gateway:{Name}";

    public JsonObject Body(int status)
    {
        var body = new JsonObject
        {
            ["type"] = Type,
            ["title"] = Title,
            ["status"] = status,
            ["detail"] = Detail,
            ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
        foreach (var (name, value) in JsonNode.Parse(Members ?? "{}")!.AsObject())
            body.Add(name, value?.DeepClone());

        return body;
    }
}

/// <summary>Every answer that is not Wickr's 200, status by status, with an example for each type of problem that the status can have.</summary>
internal static class ProblemTable
{
    private const string SendAgain = "The change may have happened: send the same request with the same clientToken again.";
    private const string NotApplied = "Nothing was changed.";
    private const string Token = "\"clientToken\":\"offboarding:4711\"";
    private const string NotAppliedMembers = $"{{{Token},\"outcome\":\"not-applied\"}}";
    private const string UnknownMembers = $"{{{Token},\"outcome\":\"unknown\"}}";

    private static readonly string[] None = [];

    public static IReadOnlyList<ProblemStatus> Statuses { get; } =
    [
        new(400, "The request is not valid, and Wickr was not asked (`invalid-request`); or Wickr refused it (`wickr-rejected`).", None,
            Invalid("Two faults at once", "The request breaks the rules that errors lists, each under the member or header it is about. Wickr was not asked.", """{"errors":{"userIds[0]":["must be a string of 1 to 10 digits 0-9, not a number"],"suspend":["is missing; true suspends, false unsuspends, and there is no default"]}}"""),
            Rejected("BadRequestError", 400, "The client token was used for another request.")),
        new(401, "No credential, or none that counts.", [GatewayHeaders.Authenticate],
            new ProblemExample("unauthenticated", "The caller is not authenticated", "No valid credential", "Send a valid credential: an API key in X-Api-Key, or a bearer token where WWW-Authenticate offers it. Whatever is sent must count.")),
        new(403, "The caller is known, but not granted this network or this action; or the token is valid, but its subject is no caller's.", None,
            new ProblemExample("forbidden", "The caller is not granted this", "No grant for the network", "This caller has no grant for this network.", Case: "network"),
            new ProblemExample("forbidden", "The caller is not granted this", "No grant for the action", $"This caller has no grant to unsuspend users. {NotApplied}", Case: "action", Members: NotAppliedMembers),
            new ProblemExample("forbidden", "The caller is not granted this", "A token of nobody's", "The token is valid, but its subject is no caller of this gateway.", Case: "subject")),
        new(404, "There is no such path (`not-found`), or Wickr knows no such network (`wickr-rejected`).", None,
            new ProblemExample("not-found", "There is nothing here", "A path that does not exist", "Nothing answers at this path. The one operation is POST /networks/{networkId}/users/suspend-status, written exactly so."),
            Rejected("ResourceNotFoundError", 404, "Network 12345679 was not found.")),
        new(405, "The path takes another method.", [GatewayHeaders.Allow],
            new ProblemExample("method-not-allowed", "The method is not allowed here", "PUT instead of POST", "This path does not take this method; the Allow header names those it takes.")),
        new(408, "The body did not arrive in time.", None,
            Invalid("A body too slow", "The body did not arrive in time.", """{"errors":{"$":["could not be read whole"]}}""")),
        new(413, "The body is larger than 64 KiB.", None,
            Invalid("A body too large", "The body is too large.", """{"errors":{"$":["is larger than 65536 bytes"]}}""")),
        new(415, "The body is not `application/json` in UTF-8.", None,
            Invalid("A body of another type", "The body's format is not supported; errors says what is.", """{"errors":{"Content-Type":["must be application/json, in UTF-8"]}}""")),
        new(422, "Wickr found the request not valid; its reasons are in `wickr`.", None,
            Rejected("ValidationError", 422, "The request is not valid.", """[{"field":"userIds","reason":"Unknown user."}]""")),
        new(429, "Too many requests: this caller's own rate at the gateway, or too many without a valid credential from this address (both `too-many-requests`; the second has no `outcome` and no `clientToken`), or Wickr's for the gateway (`wickr-throttled`).", [GatewayHeaders.RetryAfter],
            new ProblemExample("too-many-requests", "The caller asks too often", "The caller's rate", $"This caller has used up its rate; wait as Retry-After says. {NotApplied}", Case: "caller", Members: NotAppliedMembers),
            new ProblemExample("too-many-requests", "The caller asks too often", "No valid credential, too often", "Too many requests from this address came without a valid credential.", Case: "address"),
            new ProblemExample("wickr-throttled", "Wickr asks for fewer requests", "Wickr's rate", $"Wickr takes fewer requests than it got; wait as Retry-After says. {NotApplied}", Members: Wickr("RateLimitError", 429, 3, "not-applied"))),
        new(500, "A fault of the gateway.", None,
            new ProblemExample("internal", "The gateway failed", "A fault of the gateway", $"A fault of the gateway; its log has more under the traceId. {SendAgain}", Members: UnknownMembers)),
        new(502, "Wickr could not be asked rightly: it refused the gateway's own credentials (`wickr-denied`), failed (`wickr-failed`) or was not reached (`wickr-unreachable`).", None,
            new ProblemExample("wickr-denied", "Wickr refused the gateway", "The gateway's credentials", $"Wickr or AWS refused the gateway's own credentials or rights; its operators have to mend that. {NotApplied}", Members: Wickr("AccessDeniedException", 403, 1, "not-applied")),
            new ProblemExample("wickr-failed", "Wickr failed", "Wickr's own fault", $"Wickr answered with a server error. {SendAgain}", Members: Wickr("InternalServerError", 500, 3, "unknown")),
            new ProblemExample("wickr-unreachable", "Wickr could not be reached", "No connection", $"No connection to Wickr came about. {NotApplied}", Members: NotAppliedMembers)),
        new(503, "Not now: the gateway has all it can do (`overloaded`), leaves a failing Wickr alone (`wickr-circuit-open`), or cannot write its audit (`audit-unavailable`). Wickr was not asked.", [GatewayHeaders.RetryAfter],
            new ProblemExample("overloaded", "The gateway is overloaded", "Too much at once", $"The gateway has more calls than it may take at once, so Wickr was not asked. {NotApplied}", Members: NotAppliedMembers),
            new ProblemExample("wickr-circuit-open", "Wickr has been failing", "Wickr is left alone", $"Wickr has been failing, so it was not asked; wait as Retry-After says. {NotApplied}", Members: NotAppliedMembers),
            new ProblemExample("audit-unavailable", "The audit cannot be written", "No audit", $"The audit cannot be written, so Wickr was not asked. {NotApplied}", Members: NotAppliedMembers)),
        new(504, "Wickr gave no answer in time.", None,
            new ProblemExample("wickr-timeout", "Wickr did not answer in time", "No answer in time", $"Wickr gave no answer in time. {SendAgain}", Members: UnknownMembers)),
    ];

    /// <summary>Each <c>type</c> once, in the order of the statuses.</summary>
    public static IEnumerable<string> Types => Statuses.SelectMany(status => status.Problems).Select(problem => problem.Type).Distinct(StringComparer.Ordinal);

    private static ProblemExample Invalid(string summary, string detail, string members) => new("invalid-request", "The request is not valid", summary, detail, Members: members);

    private static ProblemExample Rejected(string errorType, int status, string message, string? reasons = null) => new(
        "wickr-rejected",
        "Wickr refused the request",
        $"Wickr's {errorType}",
        $"Wickr refused the request; its message and reasons are in wickr. {NotApplied}",
        Members: Wickr(errorType, status, 1, "not-applied", message, reasons));

    private static string Wickr(string errorType, int status, int attempts, string outcome, string? message = null, string? reasons = null)
    {
        var told = (message is null ? "" : $"\"message\":\"{message}\",") + (reasons is null ? "" : $"\"reasons\":{reasons},");
        return $$"""{ {{Token}},"outcome":"{{outcome}}","wickr":{"status":{{status}},"errorType":"{{errorType}}",{{told}}"requestId":"{{Examples.RequestId}}","attempts":{{attempts}} } }""";
    }
}
