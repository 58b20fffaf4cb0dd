using WickrGateway.Audit;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>Lets a caller use only well-formed ids of networks that it was granted.</summary>
internal sealed class NetworkGrantFilter : IEndpointFilter
{
    private static readonly string Rule = $"must be exactly {WickrIds.NetworkIdLength} digits 0-9";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var origin = context.HttpContext.Features.Get<RequestOrigin>()!;
        if (origin.NetworkId is not { } networkId)
            return Refuse(ProblemCatalog.InvalidRequest(ValidationErrors.Single(NetworkOperationGroup.NetworkIdParameter, Rule)));

        return origin.Caller!.MayUse(networkId) ? next(context) : Refuse(ProblemCatalog.NetworkNotGranted());
    }

    private static ValueTask<object?> Refuse(GatewayProblem problem) => ValueTask.FromResult<object?>(OperationEnd.Refused(problem));
}
