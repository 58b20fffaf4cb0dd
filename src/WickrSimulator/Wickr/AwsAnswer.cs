using System.Text.Json;

namespace WickrSimulator.Wickr;

/// <summary>Answers in AWS's shape: every one has a request id, every error its type in a header.</summary>
internal static class AwsAnswer
{
    public static Task WriteAsync(HttpContext context, AwsError error)
    {
        context.Response.Headers["x-amzn-ErrorType"] = error.Type;
        return WriteAsync(context, error.Status, Body(error));
    }

    public static async Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        Head(context, status, body.Length);
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static void Head(HttpContext context, int status, int length)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        if (status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return;

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = length;
    }

    public static byte[] Body(AwsError error) => JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(error.Message, error.Reasons), SimulatorJson.Default.ErrorBody);
}
