using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>Authenticates requests by API key, bearer token or both. A request is anonymous unless every credential in it is valid and they name the same caller.</summary>
internal sealed class CallerAuthentication(LiveSettings<CallerDirectory> callers, BearerOptions bearer, TimeProvider time)
{
    public const string ApiKeyHeader = "X-Api-Key";

    private const string ApiKeyChallenge = "ApiKey realm=\"wickr-gateway\"";
    private const string BearerChallenge = "Bearer realm=\"wickr-gateway\"";

    /// <summary>Fetching the provider's keys has its own time-out. This one limits requests that queue behind a fetch that fails.</summary>
    private static readonly TimeSpan BearerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether tokens are configured.</summary>
    public bool AcceptsTokens => bearer.IsEnabled;

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var directory = callers.Current;
        ApiKeyEntry? key = null;
        if (headers.TryGetValue(ApiKeyHeader, out var keys))
        {
            // An invalid key is not made up for by a valid token.
            key = keys is [{ Length: > 0 } apiKey] ? directory.FindByApiKey(apiKey) : null;
            if (key is null)
                return ValueTask.FromResult(AuthenticationResult.Failed(AuthenticationFailure.InvalidApiKey));
        }

        // While tokens are off, Authorization is ignored: a mesh or proxy may use it for itself.
        if (bearer.IsEnabled && headers.Authorization.Count > 0)
            return new ValueTask<AuthenticationResult>(AuthenticateByTokenAsync(context, directory, key));

        return ValueTask.FromResult(key is null
            ? AuthenticationResult.Failed(AuthenticationFailure.NoCredential)
            : AuthenticationResult.Authenticated(key.Caller, new Credential(key.Fingerprint, null, null)));
    }

    /// <summary>
    /// The values of <c>WWW-Authenticate</c> (RFC 9110, section 11.6.1) for the schemes that are enabled. RFC 6750, section 3.1, allows
    /// <c>invalid_token</c> only when the request had a token.
    /// </summary>
    public string[] Challenges(AuthenticationResult result) =>
        !bearer.IsEnabled ? [ApiKeyChallenge] : [ApiKeyChallenge, result.Failure == AuthenticationFailure.InvalidToken ? $"{BearerChallenge}, error=\"invalid_token\"" : BearerChallenge];

    private async Task<AuthenticationResult> AuthenticateByTokenAsync(HttpContext context, CallerDirectory directory, ApiKeyEntry? key)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization is not [{ } value] || !value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return AuthenticationResult.Failed(AuthenticationFailure.NotABearerToken);

        if (await ValidateTokenAsync(context) is not { } credential)
            return AuthenticationResult.Failed(AuthenticationFailure.InvalidToken);

        var caller = directory.FindBySubject(credential.Subject!);
        if (key is null)
            return AuthenticationResult.Authenticated(caller, credential);

        return ReferenceEquals(key.Caller, caller)
            ? AuthenticationResult.Authenticated(caller, credential with { KeyFingerprint = key.Fingerprint })
            : AuthenticationResult.Failed(AuthenticationFailure.DifferentCallers);
    }

    private async Task<Credential?> ValidateTokenAsync(HttpContext context)
    {
        try
        {
            var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme).WaitAsync(BearerTimeout, time);
            return result.Principal is { } token && token.FindAll(JwtRegisteredClaimNames.Sub).ToArray() is [{ Value.Length: > 0 } subject]
                ? new Credential(null, subject.Value, token.FindFirst(JwtRegisteredClaimNames.Iss)?.Value)
                : null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            // A token that could not be validated for any reason is not valid. The handler has logged the details.
            return null;
        }
    }
}
