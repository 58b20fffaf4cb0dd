using WickrGateway.Configuration;

namespace WickrGateway.Hosting;

/// <param name="Port">For <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>; null for the API's own, 0 for any free one.</param>
/// <param name="RecordProbes">Whether requests to these paths that succeed have a line in the log and a span too.</param>
internal sealed record ManagementOptions(int? Port, bool RecordProbes)
{
    public static ManagementOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Management", "Port", "RecordProbes");
        return new ManagementOptions(
            settings.GetString("Management:Port") is null ? null : settings.GetInt("Management:Port", defaultValue: 0, min: 0, max: 65535),
            settings.GetBool("Management:RecordProbes", defaultValue: false));
    }
}
