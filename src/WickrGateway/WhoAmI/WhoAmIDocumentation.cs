using Microsoft.OpenApi;
using WickrGateway.Callers;
using WickrGateway.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.WhoAmI;

/// <summary>What the OpenAPI document says about the operation.</summary>
internal static class WhoAmIDocumentation
{
    private const string Result = "WhoAmIResult";
    private const string Credential = "WhoAmICredential";
    private const string Limits = "WhoAmILimits";
    private const string SuspendLimit = "WhoAmISuspendLimit";
    private const int MaxNameLength = 1024;
    private const int MaxNetworks = 100_000;

    public static OperationDocumentation Create(bool acceptsTokens) => new(
        [],
        Request: null,
        new DocumentedResult(new DocumentedBody(
            "The caller, its grants and its limits.",
            Result,
            new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
            {
                ["key"] = Examples.Of("A caller that may suspend in one network", """{"caller":"offboarding","credential":{"kind":"apiKey","fingerprint":"c54f9ced"},"networks":["12345678"],"actions":["suspend"],"limits":{"requestsPerSecond":20,"burst":40,"suspendedUsers":{"limit":500,"used":3,"window":"01:00:00"}}}"""),
            })),
        document => new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            [Result] = ResultSchema(document),
            [Credential] = CredentialSchema(acceptsTokens),
            [Limits] = LimitsSchema(document),
            [SuspendLimit] = SuspendLimitSchema(),
        })
    {
        HasProblem = static problem => problem.Split('-')[0] is "unauthenticated" or "too" or "internal" || problem is "forbidden-subject" or "not-found" or "method-not-allowed",
    };

    private static OpenApiSchema ResultSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What the gateway knows about the caller. Later versions may add fields.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "caller", "credential", "networks", "actions", "limits" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["caller"] = GatewaySchemas.Text("^.+$", 1, MaxNameLength, "The caller's name in the gateway's configuration."),
            ["credential"] = new OpenApiSchemaReference(Credential, document),
            ["networks"] = List("The networks that it was granted; `*` is every network.", GatewaySchemas.Text("^([0-9]{8}|[*])$", 1, WickrIds.NetworkIdLength), MaxNetworks),
            ["actions"] = List("What it may do: `suspend`, `unsuspend`, and `protected` for protected users; later versions may add to them.", GatewaySchemas.Text("^[a-z]+$", 1, 32), 10),
            ["limits"] = new OpenApiSchemaReference(Limits, document),
        },
    };

    private static OpenApiSchema CredentialSchema(bool acceptsTokens)
    {
        var properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["kind"] = GatewaySchemas.Text("^[A-Za-z]+$", 1, 32, acceptsTokens ? "`apiKey` or `jwt`." : "`apiKey`."),
            ["fingerprint"] = GatewaySchemas.Text("^[0-9a-f]{8}$", 8, 8, "The first 8 digits of the API key's hash."),
        };
        if (acceptsTokens)
            properties.Add("subject", GatewaySchemas.Text("^.+$", 1, MaxNameLength, "The `sub` of the token."));

        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "The credential that the request was sent with.",
            Required = new SortedSet<string>(StringComparer.Ordinal) { "kind" },
            Properties = properties,
        };
    }

    private static OpenApiSchema LimitsSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The caller's limits.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "requestsPerSecond", "burst" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["requestsPerSecond"] = GatewaySchemas.Whole(1, 1_000_000, "Requests a second over time."),
            ["burst"] = GatewaySchemas.Whole(1, 1_000_000, "Requests at once after a pause."),
            ["suspendedUsers"] = new OpenApiSchemaReference(SuspendLimit, document),
        },
    };

    private static OpenApiSchema SuspendLimitSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "How many distinct users the caller may suspend within the window. Absent when nothing limits it.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "limit", "used", "window" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["limit"] = GatewaySchemas.Whole(1, Caller.MaxSuspendLimit, "The limit."),
            ["used"] = GatewaySchemas.Whole(0, Caller.MaxSuspendLimit, "How many count now."),
            ["window"] = GatewaySchemas.Window(),
        },
    };

    private static OpenApiSchema List(string description, OpenApiSchema items, int maxItems) => new() { Type = JsonSchemaType.Array, Description = description, Items = items, MaxItems = maxItems };
}
