using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;
using WickrGateway.Observability;
using WickrGateway.Problems;

namespace WickrGateway.Wickr;

/// <summary>
/// What surrounds the attempts of a call to one region: total time, concurrency, circuit breaker, retries, attempt time-out. It throws nothing; every end
/// of a call is a <see cref="WickrResult"/>.
/// </summary>
internal sealed partial class WickrPipeline : IDisposable
{
    /// <summary>Long enough for a good part of the queue to be processed.</summary>
    private static readonly TimeSpan OverloadRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>An attempt that begins with less than this ends in a time-out, and its outcome would be unknown.</summary>
    private static readonly TimeSpan MinAttemptTime = TimeSpan.FromMilliseconds(50);

    private static readonly ResiliencePropertyKey<WickrCallState> CallKey = new("call");

    private readonly WickrOptions _options;
    private readonly RetryBudget _budget;
    private readonly Func<double> _jitter;
    private readonly ILogger _logger;
    private readonly ConcurrencyLimiter _permits;
    private readonly LogThrottle _openings;
    private readonly NetworkCircuits _circuits;

    /// <param name="region">As operators read it.</param>
    /// <param name="jitter">Random, from 0 to 1.</param>
    public WickrPipeline(string region, WickrOptions options, RetryBudget budget, TimeProvider time, Func<double> jitter, IsNamedNetwork isNamed, ILogger<WickrPipeline> logger)
    {
        _options = options;
        _budget = budget;
        _jitter = jitter;
        _logger = logger;
        _permits = new ConcurrencyLimiter(new() { PermitLimit = options.MaxConcurrency, QueueLimit = options.QueueLimit });
        _openings = new LogThrottle(time);
        _circuits = new NetworkCircuits(isNamed, network => new NetworkCircuit($"{network} ({region})", options.CircuitBreaker, time, circuit => Build(circuit, time)));
    }

    public IEnumerable<NetworkCircuit> Circuits => _circuits.All;

    /// <summary>What is left for retries.</summary>
    public RetryBudget Budget => _budget;

    /// <summary>Calls that hold a permit.</summary>
    public long Active => _options.MaxConcurrency - (_permits.GetStatistics()?.CurrentAvailablePermits ?? _options.MaxConcurrency);

    /// <summary>Calls in the queue for one.</summary>
    public long Waiting => _permits.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <param name="attempt">Makes one attempt. It should not throw; what it throws ends the call as <see cref="CallFailure.Internal"/>.</param>
    public async Task<WickrResult> ExecuteAsync(WickrCallState call, Func<WickrCallState, CancellationToken, Task<AttemptResult>> attempt)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallKey, call);
        var end = await _circuits.For(call.Request.NetworkId).Strategies.ExecuteOutcomeAsync(
            static (context, state) => state.Pipeline.AttemptAsync(state.Call, state.Attempt, context.CancellationToken),
            context,
            (Pipeline: this, Call: call, Attempt: attempt));
        ResilienceContextPool.Shared.Return(context);
        switch (end.Exception)
        {
            case null:
            case TimeoutRejectedException when call.Attempts.Count > 0:
                break;
            case RateLimiterRejectedException:
            case TimeoutRejectedException:
                return WickrResult.NotSent(CallFailure.Overloaded, OverloadRetryAfter);
            case BrokenCircuitException open:
                return WickrResult.NotSent(CallFailure.CircuitOpen, open.RetryAfter ?? _options.CircuitBreaker.BreakDuration);
            default:
                GatewayFailureLog.Write(_logger, end.Exception);
                return WickrResult.Unexpected(call.Attempts.Count);
        }

        var result = WickrResult.From(call.Attempts, call.LastDecision?.Wait);
        if (result.IsSuccess)
            _budget.Refund(call.LastCost);

        return result;
    }

    public void Dispose() => _permits.Dispose();

    /// <summary>From the outside in. The breaker is outside the retries, so it counts calls, not attempts. All networks of the region share the permits.</summary>
    private ResiliencePipeline<AttemptResult> Build(NetworkCircuit circuit, TimeProvider time)
    {
        var strategies = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time };
        strategies.AddTimeout(TotalTimeout()).AddRateLimiter(_permits);
        if (_options.CircuitBreaker.Enabled)
            strategies.AddStrategy(_ => new ProbeGuard(circuit.Breaker, _options.AttemptTimeout), new ProbeGuard.Options()).AddCircuitBreaker(Breaker(circuit));

        // Polly refuses a strategy that does nothing.
        if (_options.MaxAttempts > 1)
            strategies.AddRetry(Retry());

        return strategies.AddTimeout(_options.AttemptTimeout).Build();
    }

    /// <summary>One attempt and the decision about the next one, made once and outside of Polly's predicates, which only read it.</summary>
    private async ValueTask<Outcome<AttemptResult>> AttemptAsync(WickrCallState call, Func<WickrCallState, CancellationToken, Task<AttemptResult>> attempt, CancellationToken cancellation)
    {
        try
        {
            if (cancellation.IsCancellationRequested || call.TimeLeft < MinAttemptTime)
                return EndWithoutAttempt(call);

            var hasFullTimeout = !call.IsShortened || call.TimeLeft >= _options.AttemptTimeout;
            var result = await attempt(call, cancellation);
            if (!hasFullTimeout)
                result = result with { HadFullTimeout = false };

            call.Add(result, Decide([.. call.Attempts, result], call));
            return Outcome.FromResult(result);
        }
        catch (Exception unexpected)
        {
            return Outcome.FromException<AttemptResult>(unexpected);
        }
    }

    /// <summary>The time ran out in the queue or in a wait before a retry: nothing is sent any more, and what the last attempt showed is the result.</summary>
    private static Outcome<AttemptResult> EndWithoutAttempt(WickrCallState call)
    {
        if (call.Attempts.Count == 0)
            return Outcome.FromException<AttemptResult>(new TimeoutRejectedException());

        call.StopRetrying();
        return Outcome.FromResult(call.Attempts[^1]);
    }

    private RetryDecision Decide(IReadOnlyList<AttemptResult> attempts, WickrCallState call)
    {
        var decision = RetryRules.Decide(attempts, _options.MaxAttempts, call.Request.Operation.IsIdempotent, call.TimeLeft, _budget.Tokens, _jitter());
        return decision.ShouldRetry && !_budget.TrySpend(decision.Cost) ? RetryDecision.Stop(decision.Wait) : decision;
    }

    private static TimeoutStrategyOptions TotalTimeout() => new()
    {
        TimeoutGenerator = static arguments => ValueTask.FromResult(CallOf(arguments.Context).TimeLimit),
    };

    private CircuitBreakerStrategyOptions<AttemptResult> Breaker(NetworkCircuit circuit) => new()
    {
        FailureRatio = _options.CircuitBreaker.FailureRatio,
        MinimumThroughput = _options.CircuitBreaker.MinimumThroughput,
        SamplingDuration = _options.CircuitBreaker.SamplingDuration,
        BreakDuration = _options.CircuitBreaker.BreakDuration,
        StateProvider = circuit.Breaker,
        ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is null && CallOf(arguments.Context).CountsAsFailure),
        OnOpened = arguments =>
        {
            circuit.SetOpened();
            if (_openings.TryAcquire(out var suppressed))
                Log.Opened(_logger, circuit.Network, arguments.BreakDuration, suppressed);

            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            Log.Closed(_logger, circuit.Network);
            return ValueTask.CompletedTask;
        },
    };

    private RetryStrategyOptions<AttemptResult> Retry() => new()
    {
        MaxRetryAttempts = _options.MaxAttempts - 1,
        ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is null && CallOf(arguments.Context).LastDecision is { ShouldRetry: true }),
        DelayGenerator = static arguments => ValueTask.FromResult(CallOf(arguments.Context).LastDecision?.Wait),
    };

    private static WickrCallState CallOf(ResilienceContext context) => context.Properties.GetValue(CallKey, null!);

    /// <summary>
    /// Keeps a call whose caller leaves Wickr less than one attempt's time, or that has waited long for a permit, from being the probe of a
    /// breaker that is not closed: its time-out says nothing about Wickr and would keep the breaker open for all.
    /// </summary>
    private sealed class ProbeGuard(CircuitBreakerStateProvider circuit, TimeSpan attemptTimeout) : ResilienceStrategy<AttemptResult>
    {
        protected override ValueTask<Outcome<AttemptResult>> ExecuteCore<TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<AttemptResult>>> callback, ResilienceContext context, TState state) =>
            circuit.CircuitState is CircuitState.Open or CircuitState.HalfOpen && !MayProbe(CallOf(context))
                ? ValueTask.FromResult(Outcome.FromException<AttemptResult>(new BrokenCircuitException()))
                : callback(context, state);

        private bool MayProbe(WickrCallState call) => call.TimeLimit >= attemptTimeout && call.TimeLeft >= attemptTimeout / 2;

        public sealed class Options() : ResilienceStrategyOptions;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The circuit breaker opened because Wickr keeps failing for {Network}: for {BreakDuration} its callers get wickr-circuit-open and should wait, then one call probes Wickr. Check AWS's health page for Wickr. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Opened(ILogger logger, string network, TimeSpan breakDuration, int suppressed);

        [LoggerMessage(LogLevel.Information, "The circuit breaker closed: Wickr responds again for {Network}")]
        public static partial void Closed(ILogger logger, string network);
    }
}
