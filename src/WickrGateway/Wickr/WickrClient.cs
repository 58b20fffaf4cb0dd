using Polly;
using Polly.Timeout;
using WickrGateway.Settings;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Wickr;

/// <summary>Wickr's BatchToggleUserSuspendStatus, asked so that the caller learns what is known of the outcome however it ends.</summary>
internal sealed class WickrClient(GatewaySettings settings, WickrCredentials credentials, WickrTransport transport, TimeProvider time)
{
    private readonly ResiliencePipeline _pipeline = WickrPipeline.Build(settings, time);

    /// <param name="timeLimit">The whole call's time where the caller wants it shorter than the configured one.</param>
    public async Task<WickrCallResult> BatchToggleUserSuspendStatusAsync(SuspendStatusRequest request, TimeSpan? timeLimit)
    {
        var attempts = new List<Attempt>();
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(WickrPipeline.TimeLimit, timeLimit);
        try
        {
            await _pipeline.ExecuteAsync(
                static async (context, state) => await state.Client.AttemptAsync(state.Attempts, state.Request, context.CancellationToken),
                context,
                (Client: this, Attempts: attempts, Request: request));
        }
        catch (TimeoutRejectedException)
        {
            // The attempt that was under way still carries the verdict it was born with: timed out.
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        return WickrCallResult.Of(attempts);
    }

    private async Task AttemptAsync(List<Attempt> attempts, SuspendStatusRequest request, CancellationToken cancellation)
    {
        var attempt = new Attempt { Verdict = Verdict.NoCredentials };
        attempts.Add(attempt);
        if (await credentials.FindAsync(cancellation) is not { } found)
            return;

        // From here on bytes may leave, so an attempt that gets no chance to say more has timed out.
        attempt.Verdict = Verdict.TimedOut;
        await transport.SendAsync(attempt, request, found, cancellation);
    }
}
