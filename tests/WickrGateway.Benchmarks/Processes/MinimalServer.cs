using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>Kestrel alone. Like any other proxy in a comparison it is configured by environment variables.</summary>
internal static class MinimalServer
{
    /// <summary>The port to listen on.</summary>
    public const string Port = "PORT";

    /// <summary>The URL to send requests to, without a trailing slash.</summary>
    public const string Upstream = "UPSTREAM";

    public static WebApplication Create()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable(Port)}");
        return builder.Build();
    }
}
