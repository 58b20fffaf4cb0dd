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
            // Kestrel counts the framing of chunks in; the limit of the body itself is kept where the body is read.
            kestrel.Limits.MaxRequestBodySize = 8 * SuspendStatusBody.MaxLength;
        });
    }
}
