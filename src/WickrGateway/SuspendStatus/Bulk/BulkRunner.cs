using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Limits;
using WickrGateway.NetworkOperations;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>
/// Sends the batches of a bulk request one after another and writes a line for each. Nothing is kept: sending the same request again resumes it,
/// because the batches then have the same tokens.
/// </summary>
internal sealed class BulkRunner(
    ChangeSender sender, RequestCompletion completion, CallerRateLimiter rates, RateLimitOptions rateOptions, CallerAuthentication authentication, LiveSettings<CallerDirectory> callers, WickrOptions options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<BulkRunner> logger)
{
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Of a run whose every batch, permit and line takes as long as it may, unless the caller's other requests take its permits.</summary>
    public TimeSpan MaxDuration => RequestShape.Bulk.MaxUserIds / WickrIds.MaxUserIds * (options.TotalTimeout + BulkOutput.ReaderTimeout + (TimeSpan.FromSeconds(1) / rateOptions.PermitsPerSecond));

    /// <param name="call">The whole list, checked.</param>
    /// <param name="reservation">Of all its users; null when nothing limits them.</param>
    /// <param name="knownCallers">Those that the caller was authenticated with.</param>
    public async Task<OperationEnd> RunAsync(HttpContext context, ChangeCall call, SuspendReservation? reservation, CallerDirectory knownCallers)
    {
        var output = new BulkOutput(context, time);
        await output.StartAsync(call.Change.ClientToken);

        var progress = new BulkProgress(call.Request.UserIds.Count);
        try
        {
            var stopped = await SendAllAsync(context, call, reservation, knownCallers, output, progress);
            var summary = progress.Summarize(stopped);
            return OperationEnd.Streamed(call.Change, summary, output.Last(BulkLines.Summary(summary)));
        }
        finally
        {
            // What no batch has settled was not sent.
            reservation?.Settle(result: null);
        }
    }

    /// <returns>Why not all batches were sent; null when they were.</returns>
    private async Task<string?> SendAllAsync(HttpContext context, ChangeCall call, SuspendReservation? reservation, CallerDirectory knownCallers, BulkOutput output, BulkProgress progress)
    {
        foreach (var batch in BulkBatch.Split(call))
        {
            // The first batch uses the permit that the request itself has taken.
            var stopped = (batch.Number == 1 ? FindStop(output, context.RequestAborted) : await WaitForRateAsync(call.Origin.Caller!.Name, output, context.RequestAborted))
                ?? await RefuseAsync(context, call, knownCallers);
            if (stopped is null)
            {
                var end = await SendAsync(batch, reservation);
                progress.Add(batch.Call.Request.UserIds, end);
                await output.WriteAsync(BulkLines.Batch(batch, end, call.Origin.TraceId));
                stopped = end.Problem?.Type.Name;
            }

            if (stopped is not null)
                return stopped;
        }

        return null;
    }

    private async Task<OperationEnd> SendAsync(BulkBatch batch, SuspendReservation? reservation)
    {
        var start = time.GetTimestamp();
        OperationEnd end;
        try
        {
            end = await sender.SendAsync(batch.Call);
            reservation?.Settle(batch.Call.Request.UserIds, end.Wickr);
        }
        catch (Exception unexpected)
        {
            GatewayFailureLog.Write(logger, unexpected);
            end = OperationEnd.Failed(batch.Call.Change);
            reservation?.Keep(batch.Call.Request.UserIds);
        }

        await completion.RecordAsync(new CompletedRequest(OperationKind.Change, batch.Call.Origin, end.Change, end.Problem, end.Wickr, IsDisconnected: false, time.GetElapsedTime(start)));
        return end;
    }

    /// <summary>Waits for a permit of the caller's rate, or until no further batch may be begun.</summary>
    /// <returns>Why not; null with the permit.</returns>
    private async Task<string?> WaitForRateAsync(string caller, BulkOutput output, CancellationToken aborted)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        while (FindStop(output, aborted) is null)
        {
            var rate = await rates.AcquireForBatchAsync(caller);
            if (rate.IsAcquired)
                return null;

            await Task.Delay(rate.RetryAfter > MinWait ? rate.RetryAfter : MinWait, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return FindStop(output, aborted);
    }

    /// <summary>Why no batch may be begun, if so.</summary>
    private string? FindStop(BulkOutput output, CancellationToken aborted) =>
        !output.IsOpen || aborted.IsCancellationRequested ? CompletedRequest.Disconnected
        : lifetime.ApplicationStopping.IsCancellationRequested ? CompletedRequest.ShuttingDown
        : null;

    /// <summary>When the callers were changed during the run: a key or grant that was removed is not used any longer.</summary>
    /// <returns>Null while the caller still has both.</returns>
    private async Task<string?> RefuseAsync(HttpContext context, ChangeCall call, CallerDirectory knownCallers)
    {
        if (ReferenceEquals(callers.Current, knownCallers))
            return null;

        if ((await authentication.AuthenticateAsync(context)).Caller is not { } caller)
            return ProblemCatalog.UnauthenticatedName;

        return caller.Name == call.Origin.Caller!.Name && caller.MayUse(call.Request.NetworkId) && caller.May(call.Change.Action) ? null : ProblemCatalog.ForbiddenName;
    }
}
