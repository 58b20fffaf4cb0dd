using Serilog;
using Serilog.Formatting.Compact;

namespace WickrGateway.Observability;

/// <summary>The edge where Serilog stands; everything else knows <see cref="ILogger{T}"/> alone.</summary>
internal static class GatewayLogging
{
    public static void AddGatewayLogging(this WebApplicationBuilder builder) =>
        builder.Services.AddSerilog((services, logger) => logger
            .ReadFrom.Configuration(services.GetRequiredService<IConfiguration>())
            .WriteTo.Console(new RenderedCompactJsonFormatter()));
}
