using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;

namespace WickrGateway.Callers;

/// <summary>What a caller proved itself with. Either the key's fingerprint, or the token's subject and issuer, or both.</summary>
internal sealed record Credential(string? KeyFingerprint, string? Subject, string? Issuer);

/// <summary>Who is calling: a caller; or nobody; or (with a credential but no caller) a good token of someone who is no caller here.</summary>
/// <param name="HasInvalidToken">For the challenge: RFC 6750, section 3.1, tells <c>invalid_token</c> only to those who brought one.</param>
internal sealed record AuthenticationResult(Caller? Caller, Credential? Credential, bool HasInvalidToken, bool IsMissing = false)
{
    public static AuthenticationResult Anonymous { get; } = new(null, null, false, true);
}

/// <summary>Tells who is calling by what the request brings: nobody, unless every credential in it says so beyond doubt.</summary>
internal sealed class CallerAuthentication(CallerStore callers, BearerOptions bearer, TimeProvider time)
{
    public const string ApiKeyHeader = "X-Api-Key";

    private const string ApiKeyChallenge = "ApiKey realm=\"wickr-gateway\"";
    private const string BearerChallenge = "Bearer realm=\"wickr-gateway\"";

    /// <summary>Fetching keys has a time-out of its own; this one is for those who queue behind a fetch that fails.</summary>
    private static readonly TimeSpan BearerTimeout = TimeSpan.FromSeconds(10);

    private static readonly AuthenticationResult Nobody = new(null, null, HasInvalidToken: false);
    private static readonly AuthenticationResult BadToken = new(null, null, HasInvalidToken: true);

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var directory = callers.Current;
        ApiKeyEntry? key = null;
        if (headers.TryGetValue(ApiKeyHeader, out var keys))
        {
            // A credential that was brought must count, also beside another one.
            key = keys is [{ Length: > 0 } apiKey] ? directory.FindByApiKey(apiKey) : null;
            if (key is null)
                return ValueTask.FromResult(Nobody);
        }

        // Where tokens are off, Authorization is no credential of this gateway's; a mesh or proxy may put its own there.
        if (bearer.IsEnabled && headers.Authorization.Count > 0)
            return new ValueTask<AuthenticationResult>(ByTokenAsync(context, directory, key));

        return ValueTask.FromResult(key is null ? Nobody : new AuthenticationResult(key.Caller, new Credential(key.Fingerprint, null, null), HasInvalidToken: false));
    }

    /// <summary>The values of <c>WWW-Authenticate</c> (RFC 9110, section 11.6.1) for the schemes that are on.</summary>
    public string[] GetChallenges(AuthenticationResult found) =>
        !bearer.IsEnabled ? [ApiKeyChallenge] : [ApiKeyChallenge, found.HasInvalidToken ? $"{BearerChallenge}, error=\"invalid_token\"" : BearerChallenge];

    private async Task<AuthenticationResult> ByTokenAsync(HttpContext context, CallerDirectory directory, ApiKeyEntry? key)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization is not [{ } value] || !value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return Nobody;

        if (await ValidateAsync(context) is not { } credential)
            return BadToken;

        var caller = directory.FindBySubject(credential.Subject!);
        if (key is null)
            return new AuthenticationResult(caller, credential, HasInvalidToken: false);

        return ReferenceEquals(key.Caller, caller)
            ? new AuthenticationResult(caller, credential with { KeyFingerprint = key.Fingerprint }, HasInvalidToken: false)
            : Nobody;
    }

    private async Task<Credential?> ValidateAsync(HttpContext context)
    {
        try
        {
            var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme).WaitAsync(BearerTimeout, time);
            return result.Principal is { } token && token.FindAll(JwtRegisteredClaimNames.Sub).ToArray() is [{ Value.Length: > 0 } subject]
                ? new Credential(null, subject.Value, token.FindFirst(JwtRegisteredClaimNames.Iss)?.Value)
                : null;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            // Whatever went wrong while a token was judged, it lets nobody in; the handler has logged what there is to say.
            return null;
        }
    }
}
