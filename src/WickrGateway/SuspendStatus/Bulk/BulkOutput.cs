using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>
/// The response to a bulk request, line by line. A reader that is slow slows the run down, because a line is written only when there is room
/// for it; one that stops reading is treated as disconnected.
/// </summary>
internal sealed class BulkOutput(HttpContext context, TimeProvider time)
{
    /// <summary>In bytes, of the socket: the system's own would take the lines of a whole run.</summary>
    private const int SendBufferSize = 8 * 1024;

    /// <summary>How long one line may wait for a reader that has stopped.</summary>
    public static readonly TimeSpan ReaderTimeout = TimeSpan.FromSeconds(30);

    /// <summary>False once the caller has disconnected or stopped reading.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Sends the headers.</summary>
    public async Task StartAsync(string clientToken)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/x-ndjson";
        response.Headers.XContentTypeOptions = "nosniff";
        // Proxies such as nginx pass each line on at once.
        response.Headers["X-Accel-Buffering"] = "no";
        response.Headers[WickrHeaders.ClientToken] = clientToken;
        // Kestrel's minimum rate is for responses that are there as a whole.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        await TryAsync(async timeout =>
        {
            if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
                connection.Socket.SendBufferSize = SendBufferSize;

            await response.Body.FlushAsync(timeout);
        });
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> line)
    {
        if (IsOpen)
            await TryAsync(async timeout => await context.Response.Body.WriteAsync(line, timeout));
    }

    /// <summary>The last line, which is written when the request is completed: after its audit line.</summary>
    public IResult Last(ReadOnlyMemory<byte> line) => new LastLine(this, line);

    private async Task TryAsync(Func<CancellationToken, Task> write)
    {
        using var timeout = new CancellationTokenSource(ReaderTimeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            await write(stop.Token);
            IsOpen = !context.RequestAborted.IsCancellationRequested;
        }
        catch (Exception closed) when (closed is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            IsOpen = false;
            context.Abort();
        }
    }

    private sealed class LastLine(BulkOutput output, ReadOnlyMemory<byte> line) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => output.WriteAsync(line);
    }
}
