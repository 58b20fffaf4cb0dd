using Microsoft.AspNetCore.Builder;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>Stands in for Wickr at the lowest cost: returns the same 200 to every request.</summary>
internal static class EchoUpstream
{
    public const string Command = "upstream";

    public static int Run()
    {
        var response = """{"message":"success","successful":[{"userId":"1234567"},{"userId":"1234568"},{"userId":"1234569"}],"failed":[]}"""u8.ToArray();
        var app = MinimalServer.Create();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = response.Length;
            context.Response.Headers["x-amzn-RequestId"] = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
            await context.Response.Body.WriteAsync(response, context.RequestAborted);
        });
        app.Run();
        return 0;
    }
}
