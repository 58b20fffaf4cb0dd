using Microsoft.AspNetCore.Builder;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>Wickr, as cheap as can be: takes whatever comes and answers one and the same 200.</summary>
internal static class EchoUpstream
{
    public const string Word = "upstream";

    public static int Run()
    {
        var answer = """{"message":"done","successful":[{"userId":"1234567"},{"userId":"1234568"},{"userId":"1234569"}],"failed":[]}"""u8.ToArray();
        var app = MinimalServer.Create();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            context.Response.Headers["x-amzn-RequestId"] = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        });
        app.Run();
        return 0;
    }
}
