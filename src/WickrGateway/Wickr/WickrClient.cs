using Amazon.Runtime;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>Sends a request to Wickr, with retries, and returns how it ended. It throws nothing: every end is a <see cref="WickrResult"/>.</summary>
internal sealed class WickrClient
{
    private readonly WickrOptions _options;
    private readonly WickrRoutes _routes;
    private readonly SigningCredentials _credentials;
    private readonly GatewayMetrics _metrics;
    private readonly UpstreamFailureLogger _failures;
    private readonly TimeProvider _time;
    private readonly Func<WickrCallState, CancellationToken, Task<AttemptResult>> _attempt;

    public WickrClient(WickrOptions options, WickrRoutes routes, SigningCredentials credentials, GatewayMetrics metrics, UpstreamFailureLogger failures, TimeProvider time)
    {
        _options = options;
        _routes = routes;
        _credentials = credentials;
        _metrics = metrics;
        _failures = failures;
        _time = time;
        _attempt = AttemptAsync;
    }

    /// <inheritdoc cref="WickrRoutes.Find"/>
    public WickrDestination? Find(string networkId, string callerName) => _routes.Find(networkId, callerName);

    /// <param name="timeLimit">For the whole call, where the caller wants it shorter than the configured one.</param>
    public async Task<WickrResult> SendAsync(WickrRequest request, WickrDestination destination, TimeSpan? timeLimit)
    {
        var call = new WickrCallState(request, destination, timeLimit ?? _options.TotalTimeout, isShortened: timeLimit < _options.TotalTimeout, _time);
        var result = await destination.Route.Pipeline.ExecuteAsync(call, _attempt);
        _failures.Write(result, destination.Region);
        return result;
    }

    private async Task<AttemptResult> AttemptAsync(WickrCallState call, CancellationToken cancellation)
    {
        if (call.LastDecision is { ShouldRetry: true } retry)
            _metrics.RecordRetry(retry.Reason.Label());

        using var span = WickrTracing.Start(call.Request, call.Destination, call.Attempts.Count + 1);
        var start = _time.GetTimestamp();
        var result = await SendOnceAsync(call, cancellation);
        _metrics.RecordAttemptDuration(result.Status.Label(), _time.GetElapsedTime(start));
        span?.SetResult(result);
        return result;
    }

    private async Task<AttemptResult> SendOnceAsync(WickrCallState call, CancellationToken cancellation)
    {
        var (credentials, missing) = await _credentials.GetAsync(call.Destination.Session, cancellation);
        if (credentials is null)
            return new AttemptResult(missing);

        var result = await call.Destination.Route.Transport.SendAsync(call.Request, new AttemptId(call.InvocationId, call.Attempts.Count + 1), credentials, cancellation);
        var recovery = await RecoverAsync(call, result, credentials, cancellation);
        return recovery == AuthRecovery.None ? result : result with { Recovery = recovery };
    }

    /// <summary>Removes the cause of a refusal where that is possible, so that another attempt can succeed; each only once in a call.</summary>
    private async ValueTask<AuthRecovery> RecoverAsync(WickrCallState call, AttemptResult result, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        if (result.Response?.ErrorType is "ExpiredTokenException" or "ExpiredToken" && !HasRecovered(call, AuthRecovery.CredentialsRefreshed))
            return await _credentials.InvalidateAsync(call.Destination.Session, credentials, cancellation) ? AuthRecovery.CredentialsRefreshed : AuthRecovery.None;

        return !HasRecovered(call, AuthRecovery.ClockCorrected) && call.Destination.Route.Clock.Correct(result) ? AuthRecovery.ClockCorrected : AuthRecovery.None;
    }

    private static bool HasRecovered(WickrCallState call, AuthRecovery recovery) => call.Attempts.Any(attempt => attempt.Recovery == recovery);
}
