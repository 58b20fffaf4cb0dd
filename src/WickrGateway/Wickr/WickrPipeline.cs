using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>What stands around an attempt.</summary>
internal sealed partial class WickrPipeline : IDisposable
{
    public static readonly ResiliencePropertyKey<WickrCallState> Call = new("call");

    private readonly WickrOptions _options;
    private readonly RetryBudget _budget;
    private readonly Func<double> _random;
    private readonly ILogger _logger;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ConcurrencyLimiter _places;
    private readonly LogThrottle _openings;

    /// <param name="random">From 0 to 1, for the jitter.</param>
    public WickrPipeline(WickrOptions options, RetryBudget budget, TimeProvider time, Func<double> random, ILogger<WickrPipeline> logger)
    {
        _options = options;
        _budget = budget;
        _random = random;
        _logger = logger;
        _places = new ConcurrencyLimiter(new() { PermitLimit = options.MaxConcurrency, QueueLimit = options.QueueLimit });
        _openings = new LogThrottle(time);

        // From the outside in. The breaker stands outside the retries, so it counts calls, not attempts.
        Strategies = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddTimeout(TotalTime())
            .AddRateLimiter(_places)
            .AddIf(options.CircuitBreaker.Enabled, pipeline => pipeline.AddCircuitBreaker(Breaker()))
            .AddIf(options.MaxAttempts > 1, pipeline => pipeline.AddRetry(Retry()))
            .AddTimeout(options.AttemptTimeout)
            .Build(); // and inside, for each attempt anew: signing, then transport (WickrTransport.SendAsync).
    }

    public ResiliencePipeline<Attempt> Strategies { get; }

    /// <summary>False while Wickr is failing so much that it is not asked.</summary>
    public bool IsCircuitClosed => Circuit == CircuitState.Closed;

    public CircuitState Circuit => _circuit.CircuitState;

    /// <summary>Calls that hold a place.</summary>
    public long Active => _options.MaxConcurrency - (_places.GetStatistics()?.CurrentAvailablePermits ?? _options.MaxConcurrency);

    /// <summary>Calls in the queue for one.</summary>
    public long Waiting => _places.GetStatistics()?.CurrentQueuedCount ?? 0;

    public void Dispose() => _places.Dispose();

    private static TimeoutStrategyOptions TotalTime() => new()
    {
        TimeoutGenerator = arguments => ValueTask.FromResult(Of(arguments.Context).TimeLimit),
    };

    private CircuitBreakerStrategyOptions<Attempt> Breaker() => new()
    {
        FailureRatio = _options.CircuitBreaker.FailureRatio,
        MinimumThroughput = _options.CircuitBreaker.MinimumThroughput,
        SamplingDuration = _options.CircuitBreaker.SamplingDuration,
        BreakDuration = _options.CircuitBreaker.BreakDuration,
        StateProvider = _circuit,
        ShouldHandle = arguments => ValueTask.FromResult(SpeaksAgainstWickr(Of(arguments.Context), arguments.Outcome.Exception is TimeoutRejectedException)),
        OnOpened = arguments =>
        {
            if (_openings.TryAcquire(out var suppressed))
                Log.Opened(_logger, arguments.BreakDuration, suppressed);

            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            Log.Closed(_logger);
            return ValueTask.CompletedTask;
        },
    };

    /// <summary>
    /// The verdicts stand in the call, not in Polly's outcome. Polly asks after every attempt, also after the last; the wait it is then given
    /// was reckoned together with the decision, because whether there is another attempt depends on whether the wait fits.
    /// </summary>
    private RetryStrategyOptions<Attempt> Retry() => new()
    {
        MaxRetryAttempts = _options.MaxAttempts - 1,
        ShouldHandle = arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is null or TimeoutRejectedException
            && RetryRules.Decide(Of(arguments.Context), _options.MaxAttempts, _budget, _random())),
        DelayGenerator = static arguments => ValueTask.FromResult(Of(arguments.Context).Wait),
    };

    /// <summary>
    /// 5xx, time-outs and broken connections, never a refusal. A time-out that only the caller's own short limit brought about says nothing of
    /// Wickr, or one impatient caller could close the way for all; only a probe must do better than that.
    /// </summary>
    private bool SpeaksAgainstWickr(WickrCallState call, bool attemptTookItsFullTime) => call.Attempts.LastOrDefault() switch
    {
        { Status: AttemptStatus.ServerError or AttemptStatus.ResponseTruncated or AttemptStatus.ConnectionReset or AttemptStatus.ConnectFailed } or { Answer.Status: >= 500 } => true,
        { Status: AttemptStatus.TimedOut } => attemptTookItsFullTime || !call.IsShortened || _circuit.CircuitState == CircuitState.HalfOpen,
        _ => false,
    };

    private static WickrCallState Of(ResilienceContext context) => context.Properties.GetValue(Call, null!);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Wickr has been failing: it is not asked for {BreakDuration}, then probed with one call. Callers get wickr-circuit-open and are to wait. See AWS's health page for Wickr. Breaks not told since the last line like this: {Suppressed}")]
        public static partial void Opened(ILogger logger, TimeSpan breakDuration, int suppressed);

        [LoggerMessage(LogLevel.Information, "Wickr answers again")]
        public static partial void Closed(ILogger logger);
    }
}

file static class Conditionally
{
    /// <summary>Polly refuses a strategy that does nothing, so what is switched off is left out.</summary>
    public static ResiliencePipelineBuilder<Attempt> AddIf(this ResiliencePipelineBuilder<Attempt> pipeline, bool condition, Func<ResiliencePipelineBuilder<Attempt>, ResiliencePipelineBuilder<Attempt>> add) =>
        condition ? add(pipeline) : pipeline;
}
