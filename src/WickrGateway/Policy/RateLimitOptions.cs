using WickrGateway.Configuration;

namespace WickrGateway.Policy;

/// <param name="PermitsPerSecond">Calls a second for each caller, in the long run; 1 to 1,000,000.</param>
/// <param name="Burst">Calls at once for each caller after a pause; 1 to 1,000,000.</param>
/// <param name="FailuresPerMinute">Failed authentications for each remote address; 1 to 1,000,000.</param>
internal sealed record RateLimitOptions(int PermitsPerSecond, int Burst, int FailuresPerMinute)
{
    private const int Most = 1_000_000;

    public static RateLimitOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("RateLimit", "PermitsPerSecond", "Burst", "FailuresPerMinute");
        return new RateLimitOptions(
            settings.GetInt("RateLimit:PermitsPerSecond", defaultValue: 20, min: 1, Most),
            settings.GetInt("RateLimit:Burst", defaultValue: 40, min: 1, Most),
            settings.GetInt("RateLimit:FailuresPerMinute", defaultValue: 600, min: 1, Most));
    }
}
