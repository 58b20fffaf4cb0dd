using Microsoft.OpenApi;
using WickrGateway.Observability;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>The headers of responses.</summary>
internal static class GatewayHeaders
{
    public const string ClientToken = WickrHeaders.ClientToken;
    public const string RequestId = WickrHeaders.RequestId;
    public const string RateLimit = "RateLimit";
    public const string RateLimitPolicy = "RateLimit-Policy";
    public const string RetryAfter = "Retry-After";
    public const string Authenticate = "WWW-Authenticate";
    public const string Allow = "Allow";
    public const string ContentTypeOptions = "X-Content-Type-Options";
    public const string TraceId = RequestTrace.Header;

    public static IDictionary<string, IOpenApiHeader> All(bool acceptsTokens) => new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
    {
        [ClientToken] = new OpenApiHeader
        {
            Description = "The token that was sent to Wickr: yours, or the one the gateway made.",
            Required = true,
            Schema = GatewaySchemas.Text("^[a-zA-Z0-9\\-_:]+$", 1, WickrIds.MaxClientTokenLength),
            Example = Examples.ClientToken,
        },
        [RequestId] = Optional("Wickr's own id of the request. AWS's support asks for it.", GatewaySchemas.Text(null, 1, null), Examples.RequestId),
        [RateLimit] = Optional("How many requests this caller has left (`r`), and in how many seconds all are available again (`t`). On every response to an authenticated caller.", GatewaySchemas.Text("^\"[!-~]+\";r=[0-9]+;t=[0-9]+$", 1, 128), "\"caller\";r=39;t=1"),
        [RateLimitPolicy] = Optional("The caller's quota: requests (`q`) in a window of seconds (`w`). On every response to an authenticated caller.", GatewaySchemas.Text("^\"[!-~]+\";q=[0-9]+;w=[0-9]+$", 1, 128), "\"caller\";q=40;w=2"),
        [RetryAfter] = new OpenApiHeader
        {
            Description = "How many seconds to wait before the next attempt.",
            Required = true,
            Schema = GatewaySchemas.Whole(1, int.MaxValue),
            Example = 1,
        },
        [Authenticate] = new OpenApiHeader
        {
            Description = "The schemes that this gateway accepts (RFC 9110, section 11.6.1).",
            Required = true,
            Schema = GatewaySchemas.Text(acceptsTokens ? "^(ApiKey|Bearer)( |,|$)" : "^ApiKey( |,|$)", 1, 1024),
            Example = "ApiKey realm=\"wickr-gateway\"",
        },
        [Allow] = new OpenApiHeader
        {
            Description = "The methods that the path supports.",
            Required = true,
            Schema = GatewaySchemas.Text("^[A-Z]+(, [A-Z]+)*$", 1, 128),
            Example = "POST",
        },
        [ContentTypeOptions] = new OpenApiHeader
        {
            Description = "The media type must not be guessed.",
            Required = true,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["nosniff"] },
            Example = "nosniff",
        },
        [TraceId] = new OpenApiHeader
        {
            Description = "Finds this request in the gateway's log, audit and traces: name it when you ask its operators. It is that of your `traceparent` if you send one.",
            Required = true,
            Schema = GatewaySchemas.Text("^[0-9a-f]{32}$", 32, 32),
            Example = Examples.TraceId,
        },
    };

    public static Dictionary<string, IOpenApiHeader> Of(OpenApiDocument document, params ReadOnlySpan<string> names)
    {
        var headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
        foreach (var name in names)
            headers.Add(name, new OpenApiHeaderReference(name, document));

        return headers;
    }

    private static OpenApiHeader Optional(string description, OpenApiSchema schema, string example) => new() { Description = description, Schema = schema, Example = example };
}
