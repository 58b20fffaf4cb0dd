using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>Wickr's answer as Wickr gave it, byte for byte, and the token it was asked with.</summary>
internal sealed class VerbatimResult(WickrResponse answer, string clientToken) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        response.Headers[WickrHeaders.ClientToken] = clientToken;
        if (answer.RequestId is { } requestId)
            response.Headers[WickrHeaders.RequestId] = requestId;

        await response.Body.WriteAsync(answer.Body, httpContext.RequestAborted);
    }
}
