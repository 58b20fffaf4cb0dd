using WickrGateway.Audit;
using WickrGateway.Policy;
using WickrGateway.Problems;

namespace WickrGateway.NetworkOperations;

/// <summary>Takes a permit of the caller's rate for every authenticated request, before its body is read; refused ones count too.</summary>
internal sealed class RateLimitFilter(CallerRateLimiter rates) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var caller = context.HttpContext.Features.Get<RequestOrigin>()!.Caller!;
        return rates.TryAcquire(caller.Name, context.HttpContext.Response, out var retryAfter)
            ? next(context)
            : ValueTask.FromResult<object?>(OperationEnd.Refused(ProblemCatalog.RateLimitExceeded(retryAfter)));
    }
}
