using WickrGateway.Settings;

namespace WickrGateway.RateLimit;

/// <param name="PermitsPerSecond">Calls a second for each caller, in the long run; 1 to 1,000,000.</param>
/// <param name="Burst">Calls at once for each caller after a pause; 1 to 1,000,000.</param>
/// <param name="FailuresPerMinute">Failed authentications for each remote address; 1 to 1,000,000.</param>
internal sealed record RateLimitOptions(int PermitsPerSecond, int Burst, int FailuresPerMinute)
{
    private const int Most = 1_000_000;

    public static RateLimitOptions Read(SettingsReader settings)
    {
        settings.Know("RateLimit", "PermitsPerSecond", "Burst", "FailuresPerMinute");
        return new RateLimitOptions(
            settings.Whole("RateLimit:PermitsPerSecond", otherwise: 20, least: 1, Most),
            settings.Whole("RateLimit:Burst", otherwise: 40, least: 1, Most),
            settings.Whole("RateLimit:FailuresPerMinute", otherwise: 600, least: 1, Most));
    }
}
