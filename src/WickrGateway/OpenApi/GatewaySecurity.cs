using Microsoft.OpenApi;
using WickrGateway.Callers;

namespace WickrGateway.OpenApi;

/// <summary>The two ways to authenticate; either is enough.</summary>
internal static class GatewaySecurity
{
    public const string ApiKey = "apiKey";
    public const string Bearer = "bearer";

    public static IDictionary<string, IOpenApiSecurityScheme> Schemes { get; } = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
    {
        [ApiKey] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            Name = CallerAuthentication.ApiKeyHeader,
            In = ParameterLocation.Header,
            Description = "The API key that the gateway's operators gave you.",
        },
        [Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "A JSON Web Token of your identity provider (RFC 6750), where the gateway is configured for one; issuer, audience, signature and lifetime are checked as RFC8725 requires.",
        },
    };
}
