using System.Buffers;
using WickrGateway.Hosting;
using WickrGateway.Observability;

namespace WickrGateway.Audit;

/// <summary>
/// The audit of every request to an operation on a network: a line before the request is sent to Wickr and one before the response leaves,
/// on standard output, whatever the log levels are, and with <c>Audit:Path</c> on disk too.
/// </summary>
internal sealed partial class AuditTrail(AuditOptions options, GatewayMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>The <c>source</c> of every line.</summary>
    public const string Source = "WickrGateway.Audit";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    private readonly ILogger _logger = loggers.CreateLogger<AuditTrail>();
    private readonly LogThrottle _outputFailures = new(time);
    private readonly LogThrottle _missingLines = new(time);
    private readonly AuditFile? _file = options.Path is { } path ? new AuditFile(path, options.MaxFileBytes, time, loggers.CreateLogger<AuditFile>(), metrics.RecordAuditFailure) : null;

    /// <summary>False when the request must not be sent: a change that cannot be audited is not made.</summary>
    public Task<bool> RecordRequestedAsync(RequestOrigin origin, RequestedChange change)
    {
        var buffer = RentBuffer();
        AuditRecord.WriteRequested(buffer, time.GetUtcNow(), origin, change);
        return WriteAsync(buffer, _file, isWanted: false);
    }

    public async ValueTask RecordCompletedAsync(CompletedRequest request)
    {
        // 429s are on standard output only: callers must not be able to fill the disk with refusals.
        var isRateRefusal = request is { Wickr: null, Status: StatusCodes.Status429TooManyRequests };
        var buffer = RentBuffer();
        AuditRecord.WriteCompleted(buffer, time.GetUtcNow(), request);

        // What was sent to Wickr cannot be undone, so the response leaves all the same; the first line was kept, and the log has the gap.
        if (!await WriteAsync(buffer, isRateRefusal ? null : _file, isWanted: true) && request.Wickr is not null && _missingLines.TryAcquire(out var suppressed))
            Log.CompletedLineMissing(_logger, request.Origin.Caller?.Name, request.Origin.TraceId, suppressed);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Whether the record is kept everywhere it should be.</summary>
    private Task<bool> WriteAsync(ArrayBufferWriter<byte> record, AuditFile? file, bool isWanted)
    {
        var persisted = file?.AppendAsync(record.WrittenSpan.ToArray());
        record.Write("\n"u8);
        return ConfirmAsync(StandardOutput.WriteAsync(record.WrittenSpan, isWanted), persisted);
    }

    private async Task<bool> ConfirmAsync(Task<bool> written, Task<bool>? persisted)
    {
        var isWritten = await written;
        if (!isWritten)
        {
            metrics.RecordAuditFailure();
            if (_outputFailures.TryAcquire(out var suppressed))
                Log.OutputFailed(_logger, suppressed);
        }

        var isPersisted = persisted is null || await persisted;
        if (!isPersisted)
            metrics.RecordAuditFailure();

        return isWritten && isPersisted;
    }

    private static ArrayBufferWriter<byte> RentBuffer()
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(2048);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "Standard output does not take audit lines: it is closed or full, or what reads it has stopped. Calls are refused until it takes them. Check the container runtime or log collector that reads it, and its disk. Suppressed messages of this kind: {Suppressed}")]
        public static partial void OutputFailed(ILogger logger, int suppressed);

        [LoggerMessage(LogLevel.Critical, "A call of {Caller}, trace {TraceId}, was sent to Wickr, and its completed line is missing on standard output, in the audit file, or in both; its requested line was written. Check what reads standard output, and the disk of Audit:Path. Suppressed messages of this kind: {Suppressed}")]
        public static partial void CompletedLineMissing(ILogger logger, string? caller, string traceId, int suppressed);
    }
}
