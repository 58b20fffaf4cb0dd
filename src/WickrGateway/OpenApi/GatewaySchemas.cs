using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using WickrGateway.Callers;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>The schemas that all operations share.</summary>
internal static class GatewaySchemas
{
    public const string Problem = "Problem";

    private const string WickrError = "WickrError";
    private const string WickrReason = "WickrReason";
    private const string SuspendLimit = "SuspendLimit";

    private const int MaxAttempts = 10;
    private const int MaxWickrTextLength = 2049;
    private const int MaxReasons = 100;

    /// <summary>Of a bulk request.</summary>
    private const int MaxUserIds = 5000;

    public static void AddTo(OpenApiDocument document, bool acceptsTokens)
    {
        var components = document.Components ??= new OpenApiComponents();
        components.Schemas = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            [Problem] = ProblemSchema(document, acceptsTokens),
            [SuspendLimit] = SuspendLimitSchema(),
            [WickrError] = WickrErrorSchema(document),
            [WickrReason] = WickrReasonSchema(),
        };
        components.Headers = GatewayHeaders.All(acceptsTokens);
        components.SecuritySchemes = GatewaySecurity.Schemes(acceptsTokens);
    }

    public static OpenApiSchema Text(string? pattern, int? minLength, int? maxLength, string? description = null) =>
        new() { Type = JsonSchemaType.String, Pattern = pattern, MinLength = minLength, MaxLength = maxLength, Description = description };

    /// <summary>
    /// May be null. The two names are written as they are, because the library sorts <c>null</c> first, with which clients that orval generates
    /// do not load.
    /// </summary>
    public static OpenApiSchema NullableText(string? pattern, int? minLength, int? maxLength, string description)
    {
        var schema = Text(pattern, minLength, maxLength, description);
        schema.Type = null;
        schema.Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal) { ["type"] = new JsonNodeExtension(new JsonArray("string", "null")) };
        return schema;
    }

    public static OpenApiSchema Whole(int minimum, int maximum, string? description = null) =>
        new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = $"{minimum}", Maximum = $"{maximum}", Description = description };

    /// <summary>A duration as the settings have it.</summary>
    public static OpenApiSchema Window() => Text("^[0-9]{2}:[0-9]{2}:[0-9]{2}$", 8, 8, "How long a suspended user counts: `hh:mm:ss`.");

    private static OpenApiSchema ProblemSchema(OpenApiDocument document, bool acceptsTokens) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What went wrong, as RFC 9457 defines it. Fields that do not apply are absent.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "type", "title", "status", "detail", "traceId" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            // Not an enum, and neither is the outcome: a client must be able to read a problem that has a new value.
            ["type"] = Text("^urn:wickr-gateway:[a-z-]+$", 1, 64, $"The type of problem. Base decisions on it. It is one of {string.Join(", ", ProblemTable.Types(acceptsTokens).Select(type => $"`{type}`"))}; later versions may add to them."),
            ["title"] = Text(null, 1, 128, "The type in words, the same for every occurrence."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "400", Maximum = "599", Description = "The HTTP status." },
            ["detail"] = Text(null, 1, 1024, "This occurrence in words, for people."),
            ["traceId"] = Text("^[0-9a-f]{32}$", 32, 32, "Finds this request in the gateway's log. Also in the header `X-Trace-Id`."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Everything that is wrong with the request, by field (`userIds[3]`) or header; `$` is the body as a whole.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = ValidationErrors.MaxMessages, Items = Text(null, 1, 512) },
            },
            ["clientToken"] = Text("^[a-zA-Z0-9\\-_:]+$", 1, WickrIds.MaxClientTokenLength, "The token of this call. Send it again when you repeat the call."),
            ["outcome"] = Text("^[a-z-]+$", 1, 32, "What is known about the change. `not-applied`: nothing was changed. `unknown`: it may have happened; send the same request with the same `clientToken` again."),
            ["limit"] = new OpenApiSchemaReference(SuspendLimit, document),
            ["wickr"] = new OpenApiSchemaReference(WickrError, document),
        },
    };

    private static OpenApiSchema SuspendLimitSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The suspend limit that the request would exceed. `used` and `requested` together are more than `limit`.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "scope", "limit", "used", "requested", "window" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["scope"] = Text("^[a-z-]+$", 1, 32, "`caller`: the users that you suspended in all networks. `network`: the users of this network that all callers suspended."),
            ["limit"] = Whole(1, Caller.MaxSuspendLimit, "How many distinct users may be suspended within the window."),
            ["used"] = Whole(0, Caller.MaxSuspendLimit, "How many count already."),
            ["requested"] = Whole(1, MaxUserIds, "How many users of the request do not count yet."),
            ["window"] = Window(),
        },
    };

    private static OpenApiSchema WickrErrorSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Wickr's last error response, if there was one.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "status", "attempts" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "100", Maximum = "999", Description = "Wickr's HTTP status." },
            ["errorType"] = Text(null, 1, 128, "Wickr's or AWS's name of the error."),
            ["message"] = Text(null, null, MaxWickrTextLength, "Wickr's message."),
            ["reasons"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                MaxItems = MaxReasons,
                Description = "The errors that Wickr lists.",
                Items = new OpenApiSchemaReference(WickrReason, document),
            },
            ["requestId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Wickr's own id of the request." },
            ["attempts"] = Whole(1, MaxAttempts, "How many times the request was sent to Wickr."),
        },
    };

    private static OpenApiSchema WickrReasonSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "One error that Wickr lists.",
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["field"] = Text(null, null, MaxWickrTextLength, "What Wickr objects to."),
            ["reason"] = Text(null, null, MaxWickrTextLength, "Why."),
        },
    };
}
