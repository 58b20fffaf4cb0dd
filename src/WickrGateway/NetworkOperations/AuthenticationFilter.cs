using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Limits;
using WickrGateway.Observability;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>Lets in only a configured caller; sets the request's <see cref="RequestOrigin"/> in any case.</summary>
internal sealed class AuthenticationFilter(CallerAuthentication authentication, AuthFailureLimiter failures) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var result = await authentication.AuthenticateAsync(http);
        http.Features.Set(OriginOf(http, result));
        return result.Caller is null ? OperationEnd.Refused(await RefuseAsync(http, result)) : await next(context);
    }

    public static RequestOrigin OriginOf(HttpContext context, AuthenticationResult result) => new(
        result.Caller,
        result.Credential,
        context.GetRouteValue(NetworkOperationGroup.NetworkIdParameter) is string id && WickrIds.IsNetworkId(id) ? id : null,
        RequestTrace.Id(context),
        context.Connection.RemoteIpAddress);

    /// <summary>Valid tokens without a caller count like failures: anyone whom the provider knows can have one, so nothing else would limit their requests and the audit's lines about them.</summary>
    private async ValueTask<GatewayProblem> RefuseAsync(HttpContext context, AuthenticationResult result)
    {
        if (await failures.RecordFailureAsync(context.Connection.RemoteIpAddress) is { } wait)
            return ProblemCatalog.TooManyFailedAuthentications(wait);

        if (result.Credential is not null)
            return ProblemCatalog.SubjectNotMapped();

        var challenges = authentication.Challenges(result);
        return result.Failure switch
        {
            AuthenticationFailure.InvalidApiKey => ProblemCatalog.ApiKeyInvalid(challenges),
            AuthenticationFailure.InvalidToken => ProblemCatalog.TokenInvalid(challenges),
            AuthenticationFailure.NotABearerToken => ProblemCatalog.NotABearerToken(challenges),
            AuthenticationFailure.DifferentCallers => ProblemCatalog.CredentialsOfDifferentCallers(challenges),
            _ => ProblemCatalog.CredentialMissing(challenges, authentication.AcceptsTokens),
        };
    }
}
