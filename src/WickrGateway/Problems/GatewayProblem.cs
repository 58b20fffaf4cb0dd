using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Problems;

/// <summary>One kind of answer that is the gateway's own.</summary>
/// <param name="Name">The last part of the <c>type</c> URN.</param>
/// <param name="Title">The same for every occurrence (RFC 9457, section 3.1.4).</param>
internal sealed record ProblemKind(string Name, string Title)
{
    public string Type { get; } = $"urn:wickr-gateway:{Name}";
}

/// <summary>An answer that is not Wickr's 200: a problem of RFC 9457 with the extension members of the contract. What does not apply is left out.</summary>
internal sealed record GatewayProblem(ProblemKind Kind, int Status, string Detail) : IResult
{
    public IReadOnlyDictionary<string, List<string>>? Errors { get; init; }

    public string? ClientToken { get; init; }

    public ChangeOutcome? Outcome { get; init; }

    public WickrProblem? Wickr { get; init; }

    /// <summary>Goes out as <c>Retry-After</c> in whole seconds, rounded up, at least 1, and at most what clients' 32-bit numbers hold.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The values of <c>WWW-Authenticate</c>, one for each scheme.</summary>
    public string[] Challenges { get; init; } = [];

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        Call.Of(httpContext).Problem = this;
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ProblemBody(Kind.Type, Kind.Title, Status, Detail, TraceId(httpContext), Errors, ClientToken, OutcomeName(Outcome), Wickr),
            ProblemJson.Relaxed.ProblemBody);

        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Clamp((long)Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue).ToString();

        if (Challenges.Length > 0)
            response.Headers.WWWAuthenticate = Challenges;

        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    public static string? OutcomeName(ChangeOutcome? outcome) => outcome switch
    {
        ChangeOutcome.Applied => "applied",
        ChangeOutcome.NotApplied => "not-applied",
        ChangeOutcome.Unknown => "unknown",
        _ => null,
    };
}

/// <summary>What Wickr said, as far as it said anything.</summary>
/// <param name="Attempts">How many times Wickr was asked.</param>
internal sealed record WickrProblem(int Status, string? ErrorType, string? Message, IReadOnlyList<WickrReason>? Reasons, string? RequestId, int Attempts);

internal sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string TraceId,
    IReadOnlyDictionary<string, List<string>>? Errors,
    string? ClientToken,
    string? Outcome,
    WickrProblem? Wickr);

[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>The answer is never HTML, so text stays readable: <c>é</c>, not <c>\u00E9</c>.</summary>
    public static ProblemJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
