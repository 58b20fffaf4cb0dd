using WickrGateway.Settings;

namespace WickrGateway.Callers;

/// <summary>Tells who is calling by what the request brings: nobody, unless a credential says so beyond doubt.</summary>
internal sealed class CallerAuthentication(GatewaySettings settings)
{
    public const string ApiKeyHeader = "X-Api-Key";

    /// <summary>The challenge of RFC 9110, section 11.6.1, for every 401.</summary>
    public const string Challenge = "ApiKey realm=\"wickr-gateway\"";

    public Caller? Authenticate(HttpRequest request) =>
        request.Headers[ApiKeyHeader] is [{ Length: > 0 } apiKey] ? settings.Callers.FindByApiKey(apiKey) : null;
}
