using WickrGateway.Audit;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>The response to a completed request: the problem, or Wickr's result byte for byte.</summary>
internal sealed class OperationResponse(CompletedRequest request) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (request.Problem is { } problem)
            return problem.ExecuteAsync(httpContext);

        if (request is { Wickr.Response: { } response, Change: { } change })
            return WriteVerbatimAsync(httpContext, response, change.ClientToken);

        // Nothing receives this; the status is for the log only. Without the abort Kestrel would try to read the rest of the body.
        httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        httpContext.Abort();
        return Task.CompletedTask;
    }

    private static async Task WriteVerbatimAsync(HttpContext context, WickrResponse result, string clientToken)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = result.ContentType;
        response.ContentLength = result.Body.Length;
        response.Headers[WickrHeaders.ClientToken] = clientToken;
        if (result.RequestId is { } requestId)
            response.Headers[WickrHeaders.RequestId] = requestId;

        await response.Body.WriteAsync(result.Body, context.RequestAborted);
    }
}
