using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;
using WickrGateway.Observability;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Wickr;

/// <summary>Wickr's BatchToggleUserSuspendStatus, asked so that the caller learns what is known of the outcome however it ends.</summary>
internal sealed class WickrClient(
    WickrOptions options,
    WickrPipeline pipeline,
    RetryBudget budget,
    WickrCredentials credentials,
    WickrClock clock,
    WickrTransport transport,
    GatewayMetrics metrics,
    TimeProvider time)
{
    /// <summary>Long enough for a good part of the queue to be worked off.</summary>
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(1);

    /// <param name="timeLimit">The whole call's time where the caller wants it shorter than the configured one.</param>
    public async Task<WickrCallResult> BatchToggleUserSuspendStatusAsync(SuspendStatusRequest request, TimeSpan? timeLimit)
    {
        var total = options.TotalTimeout;
        var call = new WickrCallState(request, timeLimit ?? total, isShortened: timeLimit < total, time);
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(WickrPipeline.Call, call);
        var end = await pipeline.Strategies.ExecuteOutcomeAsync(
            static (context, state) => state.Client.AttemptAsync(state.Call, context.CancellationToken),
            context,
            (Client: this, Call: call));
        ResilienceContextPool.Shared.Return(context);
        switch (end.Exception)
        {
            case RateLimiterRejectedException:
            case TimeoutRejectedException when call.Attempts.Count == 0:
                return WickrCallResult.NotAsked(AttemptStatus.Overloaded, OverloadPause);
            case BrokenCircuitException open:
                return WickrCallResult.NotAsked(AttemptStatus.CircuitOpen, open.RetryAfter ?? options.CircuitBreaker.BreakDuration);
            case TimeoutRejectedException:
                break; // The attempt that was under way still carries the verdict it was born with: timed out.
            default:
                end.ThrowIfException();
                break;
        }

        if (call.LastAttempt is { Status: AttemptStatus.Accepted })
            budget.Succeeded(call);

        return WickrCallResult.Of(call);
    }

    /// <summary>Exceptions come back as a part of the outcome: Polly's strategies look for them there, not at what is thrown.</summary>
    private async ValueTask<Outcome<Attempt>> AttemptAsync(WickrCallState call, CancellationToken cancellation)
    {
        if (call.LastAttempt is { } failed)
            metrics.Retried(RetryRules.Reason(failed));

        var attempt = new Attempt { Status = AttemptStatus.NoCredentials };
        call.Attempts.Add(attempt);
        using var span = WickrTracing.Start(call, options.Endpoint);
        var start = time.GetTimestamp();
        try
        {
            await AttemptAsync(attempt, call, cancellation);
            return Outcome.FromResult(attempt);
        }
        catch (Exception end)
        {
            return Outcome.FromException<Attempt>(end);
        }
        finally
        {
            metrics.Attempted(attempt.Status, time.GetElapsedTime(start));
            span?.Describe(attempt);
        }
    }

    private async Task AttemptAsync(Attempt attempt, WickrCallState call, CancellationToken cancellation)
    {
        if (await credentials.GetAsync(cancellation) is not { } found)
            return;

        // From here on bytes may leave, so an attempt that gets no chance to say more has timed out.
        attempt.Status = AttemptStatus.TimedOut;
        await transport.SendAsync(attempt, call, found, cancellation);

        if (!call.HasRefreshedCredentials && attempt.Answer?.ErrorType is "ExpiredTokenException" or "ExpiredToken")
        {
            call.HasRefreshedCredentials = attempt.IsMended = true;
            await credentials.InvalidateAsync(found, cancellation);
        }
        else if (!call.HasCorrectedClock && clock.Correct(attempt))
        {
            call.HasCorrectedClock = attempt.IsMended = true;
        }
    }
}
