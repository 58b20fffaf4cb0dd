using Microsoft.OpenApi;
using WickrGateway.Callers;
using WickrGateway.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What the OpenAPI document says about the change and its dry run. The request is closed, as the gateway reads it; the result is open, as its readers should be.</summary>
internal static class SuspendStatusDocumentation
{
    private const string Request = "SuspendStatusRequest";
    public const string Result = "SuspendStatusResult";
    private const string SuccessfulUser = "SuccessfulUser";
    private const string FailedUser = "FailedUser";
    private const string DryRunResult = "DryRunResult";
    private const string DryRunLimit = "DryRunLimit";

    private const string ExampleReason = "INC-4711, Jörg Müller left";

    public static OperationDocumentation Change(TimeSpan totalTimeout) => new(
        [NetworkId(), RequestTimeout(totalTimeout)],
        Body("The change, as one JSON object in UTF-8 of at most 64 KiB. It is read strictly: names are case-sensitive, and unknown or duplicate fields are refused."),
        new DocumentedResult(new DocumentedBody(
            "Wickr's result, byte for byte. Users that Wickr could not change are in `failed`: look there before you consider the change done.",
            Result,
            new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
            {
                ["all"] = Examples.Of("Both users are suspended", """{"message":"success","successful":[{"userId":"1"},{"userId":"2"}],"failed":[]}"""),
                ["partial"] = Examples.Of("Wickr does not know one of them", """{"message":"partial success","successful":[{"userId":"1"}],"failed":[{"userId":"999","field":"username","reason":"User not found"}]}"""),
            }), GatewayHeaders.ClientToken, GatewayHeaders.RequestId),
        document => new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            [Request] = RequestSchema(WickrIds.MaxUserIds, "1 to 50 of Wickr's user ids. `007` and `7` are two ids, and a duplicate is passed on twice."),
            [Result] = ResultSchema(document),
            [SuccessfulUser] = SuccessfulUserSchema(),
            [FailedUser] = FailedUserSchema(),
        });

    public static OperationDocumentation DryRun(TimeSpan totalTimeout) => new(
        [NetworkId(), RequestTimeout(totalTimeout)],
        Body("The change, as the operation itself takes it."),
        new DocumentedResult(new DocumentedBody(
            "The change would be sent to Wickr.",
            DryRunResult,
            new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
            {
                ["would-be-sent"] = Examples.Of("The request is valid and allowed", """{"dryRun":true,"networkId":"12345678","suspend":true,"userIds":["1","2"],"suspendLimit":{"limit":500,"used":480,"after":482}}"""),
            })),
        document => new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { [DryRunResult] = DryRunSchema(document), [DryRunLimit] = DryRunLimitSchema() })
    {
        // Nothing is sent, and neither the audit nor the number of calls under way matters.
        HasProblem = static problem => !problem.StartsWith("wickr-", StringComparison.Ordinal) && problem is not ("audit-unavailable" or "overloaded-calls"),
    };

    private static DocumentedBody Body(string description) => new(
        description,
        Request,
        new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
        {
            ["suspend"] = Examples.Of("Suspend two users", """{"suspend":true,"userIds":["1","2"]}"""),
            ["unsuspend"] = Examples.Of("Lift the suspension of one user", """{"suspend":false,"userIds":["1"]}"""),
            ["with-token"] = Examples.Of("Suspend with a token of your own and a reason", $$"""{"suspend":true,"userIds":["1","2"],"clientToken":"{{Examples.ClientToken}}","reason":"{{ExampleReason}}"}"""),
        });

    public static OpenApiParameter NetworkId() => new()
    {
        Name = "networkId",
        In = ParameterLocation.Path,
        Required = true,
        Description = "The Wickr network: exactly 8 digits.",
        Schema = GatewaySchemas.Text("^[0-9]{8}$", WickrIds.NetworkIdLength, WickrIds.NetworkIdLength),
        Example = "12345678",
    };

    public static OpenApiParameter RequestTimeout(TimeSpan totalTimeout, string what = "this call") => new()
    {
        Name = RequestReader.TimeoutHeader,
        In = ParameterLocation.Header,
        Description = $"The longest time that {what} may take, in whole seconds. It can only shorten the gateway's own limit, which is the default.",
        Schema = GatewaySchemas.Whole(1, (int)totalTimeout.TotalSeconds),
        // The page fills it in, so it is the value that changes nothing.
        Example = (int)totalTimeout.TotalSeconds,
    };

    public static OpenApiSchema RequestSchema(int maxUserIds, string userIds) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The state that the users should have. Sending it twice does no harm.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "suspend", "userIds" },
        AdditionalPropertiesAllowed = false,
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["suspend"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "`true` suspends the users, `false` lifts the suspension. There is no default." },
            ["userIds"] = UserIds(maxUserIds, userIds),
            ["clientToken"] = GatewaySchemas.NullableText(
                "^[a-zA-Z0-9\\-_:]+$", 1, WickrIds.MaxClientTokenLength,
                "Identifies this change: the same each time you send it, and another one for every other change. Without one the gateway makes a UUID and returns it in `X-Client-Token`."),
            ["reason"] = Reason(),
        },
    };

    public static OpenApiSchema UserIds(int max, string description) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        MinItems = 1,
        MaxItems = max,
        Items = GatewaySchemas.Text("^[0-9]{1,10}$", 1, WickrIds.MaxUserIdLength, "1 to 10 digits."),
    };

    /// <summary>Its rule is in words: a pattern for it needs Unicode categories, which engines write differently or do not have.</summary>
    private static OpenApiSchema Reason()
    {
        var reason = GatewaySchemas.NullableText(
            null, 1, SuspendStatusRules.MaxReasonLength,
            "Why the change is made, such as a ticket, for the gateway's audit; it is not sent to Wickr. Printable characters of any language: no control characters, line breaks, private-use or unassigned characters, and no invisible ones but the joiners U+200C and U+200D.");
        reason.Examples = [ExampleReason];
        return reason;
    }

    private static OpenApiSchema ResultSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Wickr's result as it came. Wickr may add fields: ignore those you do not know.",
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Wickr's summary of the change." },
            ["successful"] = Users("The users that now have the desired state.", SuccessfulUser, document),
            ["failed"] = Users("The users that Wickr could not change, each with the reason.", FailedUser, document),
        },
    };

    private static OpenApiSchema DryRunSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The request as it was read.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "dryRun", "networkId", "suspend", "userIds" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["dryRun"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Always `true`: nothing was sent." },
            ["networkId"] = GatewaySchemas.Text("^[0-9]{8}$", WickrIds.NetworkIdLength, WickrIds.NetworkIdLength, "The network."),
            ["suspend"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "The state that the users would have." },
            ["userIds"] = UserIds(WickrIds.MaxUserIds, "The users."),
            ["clientToken"] = GatewaySchemas.Text("^[a-zA-Z0-9\\-_:]+$", 1, WickrIds.MaxClientTokenLength, "Yours; absent when you sent none."),
            ["suspendLimit"] = new OpenApiSchemaReference(DryRunLimit, document),
        },
    };

    private static OpenApiSchema DryRunLimitSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Your suspend limit, or the network's when you have none. Absent when nothing limits the change.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "limit", "used", "after" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["limit"] = GatewaySchemas.Whole(1, Caller.MaxSuspendLimit, "How many distinct users may be suspended within the window."),
            ["used"] = GatewaySchemas.Whole(0, Caller.MaxSuspendLimit, "How many count already."),
            ["after"] = GatewaySchemas.Whole(0, Caller.MaxSuspendLimit, "How many would count after the change."),
        },
    };

    private static OpenApiSchema SuccessfulUserSchema() => User("A user that now has the desired state.", new(StringComparer.Ordinal) { ["userId"] = UserId() });

    private static OpenApiSchema FailedUserSchema() => User("A user that Wickr could not change.", new(StringComparer.Ordinal)
    {
        ["userId"] = UserId(),
        ["field"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The field that Wickr objects to." },
        ["reason"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Why." },
    });

    private static OpenApiSchema Users(string description, string schema, OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        Items = new OpenApiSchemaReference(schema, document),
    };

    private static OpenApiSchema User(string description, Dictionary<string, IOpenApiSchema> properties) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Properties = properties,
        Required = new SortedSet<string>(StringComparer.Ordinal) { "userId" },
    };

    private static OpenApiSchema UserId() => new() { Type = JsonSchemaType.String, Description = "The user's id as it was sent." };
}
