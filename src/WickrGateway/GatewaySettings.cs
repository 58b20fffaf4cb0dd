using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Hosting;
using WickrGateway.Limits;
using WickrGateway.Observability;
using WickrGateway.OpenApi;
using WickrGateway.Policy;
using WickrGateway.Wickr;

namespace WickrGateway;

/// <summary>Everything that can be configured, read and checked once at the start. Each class gets the options it needs, not all of this.</summary>
internal sealed record GatewaySettings(
    CallerDirectory Callers, ChangePolicy Policy, BearerOptions Bearer, WickrOptions Wickr, RateLimitOptions RateLimit, AuditOptions Audit, TelemetryOptions Telemetry, OpenApiOptions OpenApi,
    ConnectionLimits Connections, LimitStoreOptions LimitStore, ManagementOptions Management)
{
    /// <exception cref="SettingsException">A setting is missing or wrong.</exception>
    public static GatewaySettings Load(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new GatewaySettings(
            CallerDirectory.Read(reader),
            ChangePolicy.Read(reader),
            BearerOptions.Read(reader),
            WickrOptions.Read(reader),
            RateLimitOptions.Read(reader),
            AuditOptions.Read(reader),
            TelemetryOptions.Read(reader),
            OpenApiOptions.Read(reader),
            ConnectionLimits.Read(reader),
            LimitStoreOptions.Read(reader),
            ManagementOptions.Read(reader));
        KnownSections.RejectOthers(reader, configuration);
        ListenerSettings.Check(reader);
        GatewayLogging.CheckLevels(reader, configuration);
        return reader.Errors.Count == 0 ? settings : throw new SettingsException(reader.Errors);
    }

    /// <summary>Registers the settings and each part of them by itself.</summary>
    /// <exception cref="SettingsException">A setting is missing or wrong. This comes before the container is built, whose loggers fail in their own ways.</exception>
    public static GatewaySettings AddTo(IServiceCollection services, IConfiguration configuration)
    {
        var settings = Load(configuration);
        services.AddSingleton(settings);
        AddPart(settings => settings.Callers);
        AddPart(settings => settings.Policy);
        AddPart(settings => settings.Bearer);
        AddPart(settings => settings.Wickr);
        AddPart(settings => settings.RateLimit);
        AddPart(settings => settings.Audit);
        AddPart(settings => settings.OpenApi);
        AddPart(settings => settings.Connections);
        AddPart(settings => settings.Management);
        return settings;

        void AddPart<T>(Func<GatewaySettings, T> part)
            where T : class => services.AddSingleton(provider => part(provider.GetRequiredService<GatewaySettings>()));
    }
}
