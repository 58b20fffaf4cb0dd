using WickrGateway.Settings;

namespace WickrGateway.Audit;

/// <param name="Path">The audit file, beside the lines on standard output; null for none.</param>
/// <param name="MaxFileBytes">Size at which the file rolls; 4 KiB to 1 TiB.</param>
internal sealed record AuditOptions(string? Path, long MaxFileBytes)
{
    public static AuditOptions Read(SettingsReader settings)
    {
        settings.Know("Audit", "Path", "MaxFileBytes");
        return new AuditOptions(
            settings.Text("Audit:Path"),
            settings.Whole("Audit:MaxFileBytes", otherwise: 100L * 1024 * 1024, least: 4096, most: 1L << 40));
    }
}
