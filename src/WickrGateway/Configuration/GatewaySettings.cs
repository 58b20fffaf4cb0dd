using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Observability;
using WickrGateway.OpenApi;
using WickrGateway.Policy;
using WickrGateway.Wickr;

namespace WickrGateway.Configuration;

/// <summary>Everything that can be set, read and checked once at the start.</summary>
internal sealed record GatewaySettings(
    CallerDirectory Callers, BearerOptions? Bearer, WickrOptions Wickr, RateLimitOptions RateLimit, AuditOptions Audit, TelemetryOptions Telemetry, OpenApiOptions OpenApi)
{
    /// <exception cref="SettingsException">A setting is missing or wrong.</exception>
    public static GatewaySettings Load(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new GatewaySettings(
            CallerDirectory.Read(reader),
            BearerOptions.Read(reader),
            WickrOptions.Read(reader),
            RateLimitOptions.Read(reader),
            AuditOptions.Read(reader),
            TelemetryOptions.Read(reader),
            OpenApiOptions.Read(reader));
        return reader.Errors.Count == 0 ? settings : throw new SettingsException(reader.Errors);
    }
}
