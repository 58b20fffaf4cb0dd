using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WickrGateway.Observability;

namespace WickrGateway.Problems;

/// <summary>A type of problem.</summary>
/// <param name="Name">The last part of the <c>type</c> URN; also the name in log, metrics and audit.</param>
/// <param name="Title">The same for every occurrence (RFC 9457, section 3.1.4).</param>
internal sealed record ProblemType(string Name, string Title)
{
    public string Urn { get; } = $"urn:wickr-gateway:{Name}";
}

/// <summary>A response other than Wickr's 200: a problem of RFC 9457 with the contract's extension fields. Fields that do not apply are absent.</summary>
/// <remarks>Made by <see cref="ProblemCatalog"/> only.</remarks>
internal sealed record GatewayProblem(ProblemType Type, int Status, string Detail) : IResult
{
    public const string MediaType = "application/problem+json";

    public IReadOnlyDictionary<string, List<string>>? Errors { get; init; }

    public string? ClientToken { get; init; }

    public ChangeOutcome? Outcome { get; init; }

    /// <summary>The figures of an exceeded suspend limit.</summary>
    public SuspendLimitFigures? Limit { get; init; }

    /// <summary>The protected users that the request names. For the audit; the body has them in <see cref="Errors"/>.</summary>
    public IReadOnlyList<string>? ProtectedUserIds { get; init; }

    public WickrErrorDetails? Wickr { get; init; }

    /// <summary>Sent as <c>Retry-After</c> in whole seconds, rounded up, at least 1 and at most what clients' 32-bit integers hold.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The values of <c>WWW-Authenticate</c>, one for each scheme.</summary>
    public string[] Challenges { get; init; } = [];

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = ToJson(RequestTrace.Id(httpContext));
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = MediaType;
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        RequestTrace.WriteHeader(httpContext);
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Clamp((long)Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue).ToString();

        if (Challenges.Length > 0)
            response.Headers.WWWAuthenticate = Challenges;

        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>The body as it is sent.</summary>
    public byte[] ToJson(string traceId) => JsonSerializer.SerializeToUtf8Bytes(
        new ProblemBody(Type.Urn, Type.Title, Status, Detail, traceId, Errors, ClientToken, Outcome?.Name(), Limit, Wickr),
        ProblemJson.Relaxed.ProblemBody);
}

/// <summary>A suspend limit and a request that would exceed it.</summary>
/// <param name="Scope"><see cref="CallerScope"/> or <see cref="NetworkScope"/>.</param>
/// <param name="Limit">Distinct users within the window.</param>
/// <param name="Used">Users that count already.</param>
/// <param name="Requested">Users of the request that do not count yet.</param>
/// <param name="Window"><c>hh:mm:ss</c>.</param>
internal sealed record SuspendLimitFigures(string Scope, int Limit, int Used, int Requested, string Window)
{
    public const string CallerScope = "caller";
    public const string NetworkScope = "network";
}

/// <summary>What Wickr's own error response said.</summary>
/// <param name="Attempts">How many times the request was sent to Wickr.</param>
internal sealed record WickrErrorDetails(int Status, string? ErrorType, string? Message, IReadOnlyList<WickrReason>? Reasons, string? RequestId, int Attempts);

/// <summary>One entry of the list that comes with Wickr's ValidationError.</summary>
internal sealed record WickrReason(string? Field, string? Reason);

internal sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string TraceId,
    IReadOnlyDictionary<string, List<string>>? Errors,
    string? ClientToken,
    string? Outcome,
    SuspendLimitFigures? Limit,
    WickrErrorDetails? Wickr);

[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>The body is never HTML, so text stays readable: <c>é</c>, not <c>\u00E9</c>.</summary>
    public static ProblemJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
