using Microsoft.Extensions.Time.Testing;

namespace WickrGateway.Tests.Hosting;

internal static class FakeTimeExtensions
{
    /// <summary>
    /// Moves the gateway's time on in small steps until the condition holds, for waits whose start the test cannot see. A step takes about
    /// 10 ms, so a timeout of minutes does not expire while bytes are on their way.
    /// </summary>
    public static Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> condition, TimeSpan step) => HttpClientExtensions.UntilAsync(() =>
    {
        if (condition())
            return true;

        time.Advance(step);
        return false;
    });
}
