using System.Globalization;
using System.Net;
using WickrGateway.Hosting;

namespace WickrGateway.Limits;

/// <summary>
/// Limits failed authentications for each remote address. IPv6 addresses are counted by their /64 prefix, because a client usually controls
/// all addresses in it. Thread-safe.
/// </summary>
internal sealed class AuthFailureLimiter(RateLimitOptions options, ILimitStore store)
{
    private readonly RateLimit _limit = new(RateScope.Address, options.FailuresPerMinute, options.FailuresPerMinute / 60.0);

    /// <summary>Counts one failure.</summary>
    /// <returns>Null within the limit, else the time until the next failure is within it again.</returns>
    public async ValueTask<TimeSpan?> RecordFailureAsync(IPAddress? address)
    {
        var client = ClientAddress.Of(address);
        var state = await store.AcquireAsync(_limit, string.Create(CultureInfo.InvariantCulture, $"{(client.IsV6 ? "v6" : "v4")}-{client.Prefix:x16}"));
        return state.IsAcquired ? null : state.RetryAfter;
    }
}
