using WickrGateway.Configuration;

namespace WickrGateway.Audit;

/// <param name="Path">The audit file, in addition to standard output; null for none.</param>
/// <param name="MaxFileBytes">Size at which the file is rolled; 4 KiB to 1 TiB.</param>
internal sealed record AuditOptions(string? Path, long MaxFileBytes)
{
    public static AuditOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Audit", "Path", "MaxFileBytes");
        return new AuditOptions(
            settings.GetString("Audit:Path"),
            settings.GetLong("Audit:MaxFileBytes", defaultValue: 100L * 1024 * 1024, min: 4096, max: 1L << 40));
    }
}
