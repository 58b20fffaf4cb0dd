using Amazon.Runtime;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>Sends a request to Wickr, with retries, and returns how it ended. It throws nothing: every end is a <see cref="WickrResult"/>.</summary>
internal sealed class WickrClient
{
    private readonly WickrOptions _options;
    private readonly WickrPipeline _pipeline;
    private readonly WickrCredentials _credentials;
    private readonly WickrClock _clock;
    private readonly WickrTransport _transport;
    private readonly GatewayMetrics _metrics;
    private readonly UpstreamFailureLogger _failures;
    private readonly TimeProvider _time;
    private readonly Func<WickrCallState, CancellationToken, Task<AttemptResult>> _attempt;

    public WickrClient(
        WickrOptions options, WickrPipeline pipeline, WickrCredentials credentials, WickrClock clock, WickrTransport transport, GatewayMetrics metrics, UpstreamFailureLogger failures, TimeProvider time)
    {
        _options = options;
        _pipeline = pipeline;
        _credentials = credentials;
        _clock = clock;
        _transport = transport;
        _metrics = metrics;
        _failures = failures;
        _time = time;
        _attempt = AttemptAsync;
    }

    /// <param name="timeLimit">For the whole call, where the caller wants it shorter than the configured one.</param>
    public async Task<WickrResult> SendAsync(WickrRequest request, TimeSpan? timeLimit)
    {
        var call = new WickrCallState(request, timeLimit ?? _options.TotalTimeout, isShortened: timeLimit < _options.TotalTimeout, _time);
        var result = await _pipeline.ExecuteAsync(call, _attempt);
        _failures.Write(result);
        return result;
    }

    private async Task<AttemptResult> AttemptAsync(WickrCallState call, CancellationToken cancellation)
    {
        if (call.LastDecision is { ShouldRetry: true } retry)
            _metrics.RecordRetry(retry.Reason.Label());

        using var span = WickrTracing.Start(call.Request.Operation, _options.Endpoint, call.Attempts.Count + 1);
        var start = _time.GetTimestamp();
        var result = await SendOnceAsync(call, cancellation);
        _metrics.RecordAttemptDuration(result.Status.Label(), _time.GetElapsedTime(start));
        span?.SetResult(result);
        return result;
    }

    private async Task<AttemptResult> SendOnceAsync(WickrCallState call, CancellationToken cancellation)
    {
        if (await ResolveCredentialsAsync(cancellation) is not { } credentials)
            return new AttemptResult(AttemptStatus.NoCredentials);

        var result = await _transport.SendAsync(call.Request, new AttemptId(call.InvocationId, call.Attempts.Count + 1), credentials, cancellation);
        return result with { Recovery = await RecoverAsync(call, result, credentials, cancellation) };
    }

    /// <summary>Removes the cause of a refusal where that is possible, so that another attempt can succeed; each only once in a call.</summary>
    private async ValueTask<AuthRecovery> RecoverAsync(WickrCallState call, AttemptResult result, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        if (!HasRecovered(call, AuthRecovery.CredentialsRefreshed) && result.Response?.ErrorType is "ExpiredTokenException" or "ExpiredToken")
            return await InvalidateAsync(credentials, cancellation) ? AuthRecovery.CredentialsRefreshed : AuthRecovery.None;

        return !HasRecovered(call, AuthRecovery.ClockCorrected) && _clock.Correct(result) ? AuthRecovery.ClockCorrected : AuthRecovery.None;
    }

    /// <summary>False when the time ran out first.</summary>
    private async ValueTask<bool> InvalidateAsync(ImmutableCredentials refused, CancellationToken cancellation)
    {
        try
        {
            await _credentials.InvalidateAsync(refused, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Null when there are none, or when the time runs out before they are there.</summary>
    private async ValueTask<ImmutableCredentials?> ResolveCredentialsAsync(CancellationToken cancellation)
    {
        try
        {
            return await _credentials.GetAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static bool HasRecovered(WickrCallState call, AuthRecovery recovery) => call.Attempts.Any(attempt => attempt.Recovery == recovery);
}
