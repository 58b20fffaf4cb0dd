using WickrGateway.Configuration;

namespace WickrGateway.Limits;

/// <param name="PermitsPerSecond">Sustained calls per second for each caller; 1 to 1,000,000, 20 by default.</param>
/// <param name="Burst">Calls that each caller may make at once after a pause; 1 to 1,000,000, 40 by default.</param>
/// <param name="Concurrency">Requests of each caller under way at once; 1 to 1,000,000, 64 by default.</param>
/// <param name="Bulk">Bulk requests of each caller under way at once; 1 to 1000, 2 by default.</param>
/// <param name="FailuresPerMinute">Failed authentications per minute for each remote address; 1 to 1,000,000, 600 by default.</param>
internal sealed record RateLimitOptions(int PermitsPerSecond, int Burst, int Concurrency, int Bulk, int FailuresPerMinute)
{
    private const int Max = 1_000_000;

    public static RateLimitOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("RateLimit", "PermitsPerSecond", "Burst", "Concurrency", "Bulk", "FailuresPerMinute");
        return new RateLimitOptions(
            settings.GetInt("RateLimit:PermitsPerSecond", defaultValue: 20, min: 1, Max),
            settings.GetInt("RateLimit:Burst", defaultValue: 40, min: 1, Max),
            settings.GetInt("RateLimit:Concurrency", defaultValue: 64, min: 1, Max),
            settings.GetInt("RateLimit:Bulk", defaultValue: 2, min: 1, max: 1000),
            settings.GetInt("RateLimit:FailuresPerMinute", defaultValue: 600, min: 1, Max));
    }
}
