using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Limits;
using WickrGateway.NetworkOperations;
using WickrGateway.OpenApi;
using WickrGateway.Policy;

namespace WickrGateway.WhoAmI;

/// <summary>The smoke test of a deployment, and the answer to "what may I do?", without an effect.</summary>
internal static class WhoAmIEndpoint
{
    /// <param name="callers">The group of everything that needs a credential.</param>
    public static void MapWhoAmI(this IEndpointRouteBuilder callers) =>
        callers.MapGet("/whoami", HandleAsync)
            .WithName("whoAmI")
            .WithTags("Caller")
            .WithSummary("Who the caller is and what it may do")
            .WithDescription("Has no effect: the smoke test of a deployment, or of a new credential. It counts against the caller's rate limit.")
            .WithMetadata(OperationKind.WhoAmI)
            .WithMetadata(new DocumentedOperation(() => WhoAmIDocumentation.Create(callers.ServiceProvider.GetRequiredService<BearerOptions>().IsEnabled)));

    /// <remarks>The result is made a response by the group's outermost filter.</remarks>
    private static async ValueTask<object> HandleAsync(HttpContext context, RateLimitOptions rates, SuspendLimiter suspendLimits)
    {
        var result = await WhoAmIResult.CreateAsync(context.Features.Get<RequestOrigin>()!, rates, suspendLimits);
        return OperationEnd.Succeeded(new OperationJson<WhoAmIResult>(result, WhoAmIJson.Default.WhoAmIResult));
    }
}
