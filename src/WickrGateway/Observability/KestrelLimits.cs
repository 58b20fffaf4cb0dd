using WickrGateway.SuspendStatus;

namespace WickrGateway.Observability;

internal static class KestrelLimits
{
    public static void AddKestrelLimits(this WebApplicationBuilder builder)
    {
        // The slim builder leaves TLS out; whoever ends TLS here configures it under Kestrel:Endpoints.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = SuspendStatusBody.MaxLength;
        });
    }
}
