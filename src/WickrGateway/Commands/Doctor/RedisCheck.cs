using StackExchange.Redis;
using WickrGateway.Limits;

namespace WickrGateway.Commands.Doctor;

/// <summary>The shared counts: a connection, and the probe with which the gateway itself finds out whether they can be used.</summary>
internal static class RedisCheck
{
    /// <summary>For the connection, and for the probe.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    public static async Task<CheckResult> CheckAsync(LimitStoreOptions options)
    {
        if (!options.IsShared)
            return CheckResult.Pass("none is configured; each replica counts by itself");

        var last = ConnectionFailureType.None;
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options.CreateRedisOptions()).WaitAsync(Timeout);
            redis.ConnectionFailed += (_, failure) => last = failure.FailureType;
            // Its keys are of a caller that cannot exist, and expire within a second.
            await new RedisCounts(options.KeyPrefix).ProbeAsync(redis.GetDatabase()).WaitAsync(Timeout);
            return CheckResult.Pass($"{options.Endpoints} runs the scripts of the limits");
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or FormatException)
        {
            return CheckResult.Warn(
                $"{options.Endpoints} cannot be used: {RedisFailure.Describe(failure, last)}. Each replica counts by itself meanwhile, so that all together allow more",
                "Check Redis, the network to it, and user, password and TLS in Limits:Redis");
        }
    }
}
