using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>The practical limit for a gateway on this stack: forwards the body and returns the response, without checks, signature or log.</summary>
internal static class PassThrough
{
    public const string Command = "pass-through";

    public static int Run()
    {
        var upstream = Environment.GetEnvironmentVariable(MinimalServer.Upstream);
        var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        });
        var app = MinimalServer.Create();
        app.Run(async context =>
        {
            var body = new byte[context.Request.ContentLength ?? 0];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            using var request = new HttpRequestMessage(HttpMethod.Post, upstream + context.Request.Path.Value) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.SendAsync(request, context.RequestAborted);
            var responseBody = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = responseBody.Length;
            await context.Response.Body.WriteAsync(responseBody, context.RequestAborted);
        });
        app.Run();
        return 0;
    }
}
