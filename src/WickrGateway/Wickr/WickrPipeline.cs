using Polly;
using Polly.Timeout;
using WickrGateway.Settings;

namespace WickrGateway.Wickr;

/// <summary>What stands around an attempt, from the outside in.</summary>
internal static class WickrPipeline
{
    public static readonly ResiliencePropertyKey<TimeSpan?> TimeLimit = new("time-limit");

    public static ResiliencePipeline Build(GatewaySettings settings, TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(Total(settings.Wickr))
            .AddTimeout(settings.Wickr.AttemptTimeout)
            .Build();

    private static TimeoutStrategyOptions Total(WickrOptions options) => new()
    {
        TimeoutGenerator = arguments => ValueTask.FromResult(arguments.Context.Properties.GetValue(TimeLimit, null) ?? options.TotalTimeout),
    };
}
