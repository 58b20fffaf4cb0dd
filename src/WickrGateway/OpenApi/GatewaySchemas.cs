using Microsoft.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>What the bodies look like. The request is closed, as the gateway reads it; answers are open, as their readers should be.</summary>
internal static class GatewaySchemas
{
    public const string Request = "SuspendStatusRequest";
    public const string Result = "SuspendStatusResult";
    public const string Problem = "Problem";

    private const int MaxAttempts = 10;
    private const int MaxWickrTextLength = 2049;
    private const int MaxReasons = 100;

    public static void AddTo(OpenApiDocument document)
    {
        var components = document.Components ??= new OpenApiComponents();
        components.Schemas = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            [Request] = RequestSchema(),
            [Result] = ResultSchema(),
            [Problem] = ProblemSchema(),
        };
        components.Headers = GatewayHeaders.All;
        components.SecuritySchemes = GatewaySecurity.Schemes;
    }

    public static OpenApiSchema Text(string? pattern, int? minLength, int? maxLength, string? description = null) =>
        new() { Type = JsonSchemaType.String, Pattern = pattern, MinLength = minLength, MaxLength = maxLength, Description = description };

    public static OpenApiSchema Whole(int minimum, int maximum, string? description = null) =>
        new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = $"{minimum}", Maximum = $"{maximum}", Description = description };

    private static OpenApiSchema RequestSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The state that the users are to have. It sets the state and does not flip it, so sending it twice does no harm.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "suspend", "userIds" },
        AdditionalPropertiesAllowed = false,
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["suspend"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "`true` suspends the users, `false` lifts the suspension. There is no default." },
            ["userIds"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "1 to 50 of Wickr's user ids. `007` and `7` are two ids, and an id that stands twice is passed on twice.",
                MinItems = 1,
                MaxItems = WickrIds.MaxUserIds,
                Items = Text("^[0-9]{1,10}$", 1, WickrIds.MaxUserIdLength, "1 to 10 digits."),
            },
            ["clientToken"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Null,
                Description = "Your name for this change, the same each time you send it. Without one the gateway makes a UUID and tells it in `X-Client-Token`.",
                Pattern = "^[a-zA-Z0-9\\-_:]+$",
                MinLength = 1,
                MaxLength = WickrIds.MaxClientTokenLength,
            },
        },
    };

    private static OpenApiSchema ResultSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Wickr's answer as it came. Wickr may add members: pass over those you do not know.",
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What Wickr says of the change as a whole." },
            ["successful"] = Items("The users that now have the wished state.", new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["userId"] = UserId() }),
            ["failed"] = Items("The users that Wickr could not change, each with the reason.", new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["userId"] = UserId(),
                ["field"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The field that Wickr objects to." },
                ["reason"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Why." },
            }),
        },
    };

    private static OpenApiSchema Items(string description, Dictionary<string, IOpenApiSchema> properties) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        Items = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = properties, Required = new SortedSet<string>(StringComparer.Ordinal) { "userId" } },
    };

    private static OpenApiSchema UserId() => new() { Type = JsonSchemaType.String, Description = "The user's id as it was sent." };

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What went wrong, as RFC 9457 has it. Members that do not apply are absent.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "type", "title", "status", "detail", "traceId" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The kind of problem; decide by this one.", Enum = [.. ProblemTable.Types] },
            ["title"] = Text(null, 1, 128, "The kind in words, always the same for a type."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "400", Maximum = "599", Description = "The HTTP status." },
            ["detail"] = Text(null, 1, 1024, "This occurrence in words for people."),
            ["traceId"] = Text("^[0-9A-Za-z:]+$", 1, 128, "Finds this request in the gateway's log."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Everything that is wrong with the request, under the name of the member (`userIds[3]`) or header; `$` is the body as a whole.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = 16, Items = Text(null, 1, 512) },
            },
            ["clientToken"] = Text("^[a-zA-Z0-9\\-_:]+$", 1, WickrIds.MaxClientTokenLength, "The token of this call: send it again when you repeat the call."),
            ["outcome"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "What is known of the change. `not-applied`: nothing was changed. `unknown`: it may have happened; send the same request with the same `clientToken` again.",
                Enum = ["not-applied", "unknown"],
            },
            ["wickr"] = WickrSchema(),
        },
    };

    private static OpenApiSchema WickrSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What Wickr said last, if it said anything.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "status", "attempts" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "100", Maximum = "999", Description = "Wickr's HTTP status." },
            ["errorType"] = Text(null, 1, 128, "Wickr's or AWS's name of the error."),
            ["message"] = Text(null, null, MaxWickrTextLength, "Wickr's own words."),
            ["reasons"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                MaxItems = MaxReasons,
                Description = "The faults that Wickr lists.",
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                    {
                        ["field"] = Text(null, null, MaxWickrTextLength, "What Wickr objects to."),
                        ["reason"] = Text(null, null, MaxWickrTextLength, "Why."),
                    },
                },
            },
            ["requestId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Wickr's own id of the request." },
            ["attempts"] = Whole(1, MaxAttempts, "How many times Wickr was asked."),
        },
    };
}
