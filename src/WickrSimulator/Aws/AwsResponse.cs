using System.Text.Json;
using System.Text.Json.Serialization;

namespace WickrSimulator.Aws;

/// <summary>Writes responses as AWS does: each has a request id, and each error has its type in a header.</summary>
internal static class AwsResponse
{
    public static Task WriteAsync(HttpContext context, OperationResult result) =>
        result.Error is { } error ? WriteAsync(context, error) : WriteAsync(context, StatusCodes.Status200OK, result.Body!);

    public static Task WriteAsync(HttpContext context, AwsError error)
    {
        // A fault with a status that has no error type of its own has an empty one.
        if (error.Type.Length > 0)
            context.Response.Headers["x-amzn-ErrorType"] = error.Type;

        return WriteAsync(context, error.Status, SerializeBody(error));
    }

    public static void WriteHeaders(HttpContext context, int status, int contentLength)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        if (!HasBody(status))
            return;

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = contentLength;
    }

    public static byte[] SerializeBody(AwsError error) => JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(error.Message, error.Reasons), AwsJson.Default.ErrorBody);

    private static async Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        WriteHeaders(context, status, body.Length);
        if (HasBody(status))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static bool HasBody(int status) => status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);
}

internal sealed record ErrorBody(string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldReason>? Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class AwsJson : JsonSerializerContext;
