using WickrGateway.Configuration;

namespace WickrGateway.Hosting;

/// <param name="Port">For <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>; null for the API's own, 0 for any free one.</param>
internal sealed record ManagementOptions(int? Port)
{
    public static ManagementOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Management", "Port");
        return new ManagementOptions(settings.GetString("Management:Port") is null ? null : settings.GetInt("Management:Port", defaultValue: 0, min: 0, max: 65535));
    }
}
