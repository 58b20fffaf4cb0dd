using WickrGateway.Audit;
using WickrGateway.Wickr;

namespace WickrGateway.NetworkOperations;

/// <summary>The response to a completed request: the problem, Wickr's result byte for byte, or the gateway's own.</summary>
internal sealed class OperationResponse(CompletedRequest request, IResult? ownResult) : IResult
{
    private const int MaxHeaderLength = 256;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (request.Problem is { } problem)
        {
            if (!httpContext.Response.HasStarted)
                return problem.ExecuteAsync(httpContext);

            // After the lines of a bulk response a problem cannot follow; without the summary the caller sends its request again.
            httpContext.Abort();
            return Task.CompletedTask;
        }

        if (request is { Wickr.Response: { } response, Change: { } change })
            return WriteVerbatimAsync(httpContext, response, change.ClientToken);

        if (ownResult is not null)
            return ownResult.ExecuteAsync(httpContext);

        // Nothing receives this; the status is for the log only. Without the abort Kestrel would try to read the rest of the body.
        httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        httpContext.Abort();
        return Task.CompletedTask;
    }

    private static async Task WriteVerbatimAsync(HttpContext context, WickrResponse result, string clientToken)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = Sendable(result.ContentType);
        response.ContentLength = result.Body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers[WickrHeaders.ClientToken] = clientToken;
        if (Sendable(result.RequestId) is { } requestId)
            response.Headers[WickrHeaders.RequestId] = requestId;

        await response.Body.WriteAsync(result.Body, context.RequestAborted);
    }

    /// <summary>Null for what cannot be a header's value: the server would refuse it with an exception, and the change has been made.</summary>
    private static string? Sendable(string? value) =>
        value is { Length: > 0 and <= MaxHeaderLength } && !value.ContainsAnyExceptInRange(' ', '~') ? value : null;
}
