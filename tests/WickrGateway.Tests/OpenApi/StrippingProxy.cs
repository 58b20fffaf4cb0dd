using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WickrGateway.Tests.OpenApi;

/// <summary>A reverse proxy that strips a prefix from the path and sends it in X-Forwarded-Prefix, as ingress controllers do.</summary>
internal sealed class StrippingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _gateway;

    private StrippingProxy(WebApplication app, HttpClient gateway)
    {
        _app = app;
        _gateway = gateway;
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<StrippingProxy> StartAsync(string prefix, Uri gateway)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = gateway };
        var proxy = new StrippingProxy(builder.Build(), client);
        proxy._app.Run(context => proxy.ForwardAsync(prefix, context));
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _gateway.Dispose();
    }

    private async Task ForwardAsync(string prefix, HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(prefix, StringComparison.Ordinal, out var rest))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{(rest.HasValue ? rest.ToUriComponent() : "/")}{context.Request.QueryString}");
        if (HttpMethods.IsPost(context.Request.Method))
            request.Content = new StreamContent(context.Request.Body);

        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Connection" or "Content-Length")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }

        request.Headers.Add("X-Forwarded-Prefix", prefix);
        using var response = await _gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Date")))
            context.Response.Headers[name] = values.ToArray();

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
