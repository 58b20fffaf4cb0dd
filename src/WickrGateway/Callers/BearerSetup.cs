using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace WickrGateway.Callers;

/// <summary>The framework's JWT handler, with nothing left to a default that lets in more than the contract does.</summary>
internal static class BearerSetup
{
    /// <summary>In bytes. Tokens have one or two KiB.</summary>
    private const int MaxTokenLength = 8 * 1024;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The least time between two fetches that unknown keys ask for: soon enough for a roll-over, too seldom for forgers to hammer the provider.</summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    /// <summary>Signed with a private key. HMAC counts only when a shared key is configured, so a public key can never serve as one.</summary>
    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void AddBearer(this IServiceCollection services)
    {
        // The pieces that the handler needs, and not AddAuthentication: that also brings data protection, which writes keys to disk.
        // No scheme is the default one: the endpoint asks for it when a token is there, nothing else does.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddWebEncoders();
        services.AddAuthenticationCore();
        services.AddSingleton<IAuthenticationConfigurationProvider, Configuration>();
        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<BearerOptions, IConfiguration>(Tighten);
    }

    private static void Tighten(JwtBearerOptions options, BearerOptions bearer, IConfiguration configuration)
    {
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        options.RefreshOnIssuerKeyNotFound = true;
        options.RequireHttpsMetadata = !bearer.MayUsePlainHttp;
        var section = configuration.GetSection(BearerOptions.Section);
        if (section["BackchannelTimeout"] is null)
            options.BackchannelTimeout = FetchTimeout;

        if (section["RefreshInterval"] is null)
            options.RefreshInterval = RefreshInterval;

        foreach (var handler in options.TokenHandlers.OfType<JsonWebTokenHandler>())
            handler.MaximumTokenSizeInBytes = MaxTokenLength;

        options.Events = new JwtBearerEvents { OnTokenValidated = RefuseAmbiguous };
        var rules = options.TokenValidationParameters;
        rules.ClockSkew = ClockSkew;
        rules.RequireSignedTokens = true;
        rules.RequireExpirationTime = true;
        rules.RequireAudience = true;
        rules.ValidateLifetime = true;
        rules.ValidateAudience = true;
        rules.ValidateIssuer = true;
        rules.ValidateIssuerSigningKey = true;
        rules.ValidAlgorithms = bearer.AcceptsSymmetricKeys ? [.. Asymmetric, SecurityAlgorithms.HmacSha256] : Asymmetric;
        rules.IssuerValidator = (issuer, _, _) => bearer.Issuers.Contains(issuer, StringComparer.Ordinal)
            ? issuer
            : throw new SecurityTokenInvalidIssuerException("The issuer is none that is configured.");
    }

    /// <summary>The framework passes over <c>crit</c> (RFC 7515, section 4.1.11: what is not understood is refused), takes the last of two members, and a number for a string.</summary>
    private static Task RefuseAmbiguous(TokenValidatedContext context)
    {
        if (context.SecurityToken is not JsonWebToken token || !IsPlain(token))
            context.Fail("The token is ambiguous.");

        return Task.CompletedTask;
    }

    private static bool IsPlain(JsonWebToken token)
    {
        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader), strict);
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), strict);
            return !header.RootElement.TryGetProperty("crit", out _)
                && payload.RootElement.TryGetProperty(JwtRegisteredClaimNames.Sub, out var subject)
                && subject.ValueKind == JsonValueKind.String;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed class Configuration(IConfiguration configuration) : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = configuration.GetSection("Authentication");
    }
}
