using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>Kestrel and nothing else, told where to listen and whom to ask as any proxy in a comparison is: by environment variables.</summary>
internal static class MinimalServer
{
    public const string Port = "PORT";
    public const string Upstream = "UPSTREAM";

    public static WebApplication Create()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable(Port)}");
        return builder.Build();
    }
}
