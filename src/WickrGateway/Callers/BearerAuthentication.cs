using System.Net.Security;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using WickrGateway.Hosting;

namespace WickrGateway.Callers;

/// <summary>The framework's JWT handler, with every default replaced that accepts more than the contract allows.</summary>
internal static class BearerAuthentication
{
    /// <summary>In bytes. Usual tokens have 1 to 2 KiB.</summary>
    private const int MaxTokenBytes = 8 * 1024;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan KeyFetchTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The minimum time between two fetches caused by unknown keys: short enough for a key rollover, long enough that forged tokens cannot flood the provider.</summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    /// <summary>HMAC is accepted only when a shared key is configured, so that a public key can never be used as an HMAC key.</summary>
    private static readonly string[] AsymmetricAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void AddBearerAuthentication(this IServiceCollection services)
    {
        // Only the services that the handler needs. AddAuthentication would also add data protection, which writes keys to disk.
        // There is no default scheme: only CallerAuthentication uses the handler, and only when a request has a token.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddWebEncoders();
        services.AddAuthenticationCore();
        services.AddSingleton<IAuthenticationConfigurationProvider, AuthenticationSection>();
        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<BearerOptions, IConfiguration>(ConfigureHandler);
    }

    private static void ConfigureHandler(JwtBearerOptions options, BearerOptions bearer, IConfiguration configuration)
    {
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        options.RefreshOnIssuerKeyNotFound = true;
        options.BackchannelHttpHandler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = CertificateRules.Create() } };
        options.RequireHttpsMetadata = !bearer.MayUsePlainHttp;
        var section = configuration.GetSection(BearerOptions.Section);
        if (section["BackchannelTimeout"] is null)
            options.BackchannelTimeout = KeyFetchTimeout;

        if (section["RefreshInterval"] is null)
            options.RefreshInterval = RefreshInterval;

        foreach (var handler in options.TokenHandlers.OfType<JsonWebTokenHandler>())
            handler.MaximumTokenSizeInBytes = MaxTokenBytes;

        options.Events = new JwtBearerEvents { OnTokenValidated = CheckStrictly };
        var validation = options.TokenValidationParameters;
        validation.ClockSkew = ClockSkew;
        validation.RequireSignedTokens = true;
        validation.RequireExpirationTime = true;
        validation.RequireAudience = true;
        validation.ValidateLifetime = true;
        validation.ValidateAudience = true;
        validation.IgnoreTrailingSlashWhenValidatingAudience = false;
        validation.ValidateIssuer = true;
        validation.ValidateIssuerSigningKey = true;
        validation.ValidAlgorithms = bearer.AcceptsSymmetricKeys ? [.. AsymmetricAlgorithms, SecurityAlgorithms.HmacSha256] : AsymmetricAlgorithms;
        validation.IssuerValidator = (issuer, _, _) => bearer.Issuers.Contains(issuer, StringComparer.Ordinal)
            ? issuer
            : throw new SecurityTokenInvalidIssuerException("The issuer is not a configured one.");
    }

    /// <summary>
    /// The framework ignores <c>crit</c> (RFC 7515, section 4.1.11, requires refusing unknown extensions), takes the last of duplicate fields, accepts a
    /// number as <c>sub</c>, and any <c>typ</c>, so that a logout token or a security event of the same provider would be an access token (RFC 8725, section 3.11).
    /// </summary>
    private static Task CheckStrictly(TokenValidatedContext context)
    {
        if (context.SecurityToken is not JsonWebToken token || !IsAcceptable(token))
            context.Fail("The token is ambiguous or of another type.");

        return Task.CompletedTask;
    }

    private static bool IsAcceptable(JsonWebToken token)
    {
        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader), strict);
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), strict);
            return !header.RootElement.TryGetProperty("crit", out _)
                && (!header.RootElement.TryGetProperty("typ", out var type) || IsAccessTokenType(type))
                && payload.RootElement.TryGetProperty(JwtRegisteredClaimNames.Sub, out var subject)
                && subject.ValueKind == JsonValueKind.String;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>RFC 9068, section 2.1; <c>JWT</c> is what providers write that do not tell their tokens apart.</summary>
    private static bool IsAccessTokenType(JsonElement type) =>
        type.ValueKind == JsonValueKind.String && type.GetString()!.ToUpperInvariant() is "JWT" or "AT+JWT" or "APPLICATION/AT+JWT";

    private sealed class AuthenticationSection(IConfiguration configuration) : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = configuration.GetSection("Authentication");
    }
}
