using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WickrGateway.NetworkOperations;

/// <summary>A 200 of the gateway's own.</summary>
internal sealed class OperationJson<T>(T value, JsonTypeInfo<T> type) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
