using Microsoft.OpenApi;
using WickrGateway.Callers;

namespace WickrGateway.OpenApi;

/// <summary>The ways to authenticate: an API key and, where tokens are configured, a token. Either is enough.</summary>
internal static class GatewaySecurity
{
    public const string ApiKey = "apiKey";
    public const string Bearer = "bearer";

    public static IDictionary<string, IOpenApiSecurityScheme> Schemes(bool acceptsTokens)
    {
        var schemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal) { [ApiKey] = ApiKeyScheme() };
        if (acceptsTokens)
            schemes.Add(Bearer, BearerScheme());

        return schemes;
    }

    public static IList<OpenApiSecurityRequirement> Requirements(OpenApiDocument document, bool acceptsTokens) => acceptsTokens
        ? [Requirement(ApiKey, document), Requirement(Bearer, document)]
        : [Requirement(ApiKey, document)];

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiDocument document) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };

    private static OpenApiSecurityScheme ApiKeyScheme() => new()
    {
        Type = SecuritySchemeType.ApiKey,
        Name = CallerAuthentication.ApiKeyHeader,
        In = ParameterLocation.Header,
        Description = "The API key that the gateway's operators gave you.",
    };

    private static OpenApiSecurityScheme BearerScheme() => new()
    {
        Type = SecuritySchemeType.Http,
        Scheme = "bearer",
        BearerFormat = "JWT",
        Description = "A JSON Web Token of your identity provider (RFC 6750); issuer, audience, signature and lifetime are checked as RFC8725 requires.",
    };
}
