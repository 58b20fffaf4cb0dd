using WickrGateway.Audit;
using WickrGateway.Limits;
using WickrGateway.Problems;

namespace WickrGateway.NetworkOperations;

/// <summary>
/// Takes a permit of the caller's rate for every authenticated request, before its body is read; refused ones count too. While the request
/// is under way it also counts towards the caller's concurrency, until just before the response leaves: who has it may send the next one.
/// </summary>
internal sealed class RateLimitFilter(CallerRateLimiter rates, CallerConcurrencyLimiter concurrency) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var caller = context.HttpContext.Features.Get<RequestOrigin>()!.Caller!.Name;
        var rate = await rates.AcquireAsync(caller);
        rates.WriteHeaders(context.HttpContext.Response, rate);
        if (!rate.IsAcquired)
            return OperationEnd.Refused(ProblemCatalog.RateLimitExceeded(rate.RetryAfter));

        if (!concurrency.TryEnter(caller))
            return OperationEnd.Refused(ProblemCatalog.CallerConcurrencyExceeded());

        try
        {
            return await next(context);
        }
        finally
        {
            concurrency.Leave(caller);
        }
    }
}
