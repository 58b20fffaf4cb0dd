using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace WickrGateway.Tests.Hosting;

/// <summary>An identity provider on loopback with discovery, keys and tokens, which can be made to fail.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string Audience = "wickr-gateway";

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Shared by all tests, because making a key takes long.</summary>
    private static readonly RsaSecurityKey FirstKey = NewKey();

    private readonly WebApplication _app;
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _fetches;

    private IdentityProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.Single();

    public RsaSecurityKey Key { get; private set; } = FirstKey;

    /// <summary>The published keys; null for the one that signs.</summary>
    public IReadOnlyList<RsaSecurityKey>? Published { get; set; }

    public string? AnnouncedIssuer { get; set; }

    public bool IsSlow { get; set; }

    public bool IsBroken { get; set; }

    public int Fetches => _fetches;

    public static RsaSecurityKey NewKey()
    {
        using var rsa = RSA.Create(2048);
        return new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true)) { KeyId = Guid.NewGuid().ToString("n") };
    }

    public static async Task<IdentityProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var provider = new IdentityProvider(builder.Build());
        provider._app.MapGet("/.well-known/openid-configuration", async () => await provider.ServeAsync(new
        {
            issuer = provider.AnnouncedIssuer ?? provider.Issuer,
            jwks_uri = $"{provider.Issuer}/keys",
        }));
        provider._app.MapGet("/keys", async () => await provider.ServeAsync(new { keys = (provider.Published ?? [provider.Key]).Select(Public) }));
        await provider._app.StartAsync();
        return provider;
    }

    public Dictionary<string, string?> Settings(string subject = "service-a") => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Authentication:Schemes:Bearer:Authority"] = Issuer,
        ["Authentication:Schemes:Bearer:ValidAudiences:0"] = Audience,
        ["Authentication:Schemes:Bearer:RefreshInterval"] = "00:00:01",
        ["Auth:Callers:service:Subjects:0"] = subject,
        ["Auth:Callers:service:Networks:0"] = "12345678",
        ["Auth:Callers:service:Actions:0"] = "suspend",
    };

    /// <summary>Publishes and signs with a new key from now on.</summary>
    public void Roll() => Key = NewKey();

    /// <summary>Responds to all requests that were kept waiting.</summary>
    public void Recover()
    {
        IsSlow = false;
        _recovered.TrySetResult();
    }

    public string Token(string? subject = "service-a", Action<SecurityTokenDescriptor>? change = null)
    {
        var now = DateTime.UtcNow;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(5),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal),
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        };
        if (subject is not null)
            token.Claims["sub"] = subject;

        change?.Invoke(token);
        return Handler.CreateToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        Recover();
        await _app.DisposeAsync();
    }

    private static object Public(RsaSecurityKey key) => new
    {
        kty = "RSA",
        use = "sig",
        kid = key.KeyId,
        n = Base64UrlEncoder.Encode(key.Parameters.Modulus),
        e = Base64UrlEncoder.Encode(key.Parameters.Exponent),
    };

    private async Task<IResult> ServeAsync(object body)
    {
        Interlocked.Increment(ref _fetches);
        if (IsSlow)
            await _recovered.Task;

        return IsBroken ? Results.StatusCode(500) : Results.Json(body);
    }
}
