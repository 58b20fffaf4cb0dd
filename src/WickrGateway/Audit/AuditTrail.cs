using System.Buffers;
using WickrGateway.Hosting;
using WickrGateway.Observability;

namespace WickrGateway.Audit;

/// <summary>
/// The audit of every request to an operation on a network: a line on standard output, whatever the log levels are, and with
/// <c>Audit:Path</c> two lines on disk, one before the request is sent to Wickr and one before the response leaves.
/// </summary>
internal sealed partial class AuditTrail(AuditOptions options, GatewayMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>The <c>source</c> of every line.</summary>
    public const string Source = "WickrGateway.Audit";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    private readonly ILogger _logger = loggers.CreateLogger<AuditTrail>();
    private readonly LogThrottle _missingLines = new(time);
    private readonly AuditFile? _file = options.Path is { } path ? new AuditFile(path, options.MaxFileBytes, time, loggers.CreateLogger<AuditFile>()) : null;

    /// <summary>False when the request must not be sent: a change that cannot be audited is not made.</summary>
    public ValueTask<bool> RecordRequestedAsync(RequestOrigin origin, RequestedChange change)
    {
        if (_file is null)
            return ValueTask.FromResult(true);

        var buffer = RentBuffer();
        AuditRecord.WriteRequested(buffer, time.GetUtcNow(), origin, change);
        return new ValueTask<bool>(AppendAsync(buffer.WrittenSpan.ToArray()));
    }

    public async ValueTask RecordCompletedAsync(CompletedRequest request)
    {
        var record = WriteToStandardOutput(request);
        // 429s are on standard output only: callers must not be able to fill the disk with refusals.
        if (record is null || request is { Wickr: null, Status: StatusCodes.Status429TooManyRequests })
            return;

        // What was sent to Wickr cannot be undone, so the response leaves all the same; the first line is on disk, and the log has the gap.
        if (!await AppendAsync(record) && _missingLines.TryAcquire(out var suppressed))
            Log.CompletedLineMissing(_logger, request.Origin.Caller?.Name, request.Origin.TraceId, suppressed);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<bool> AppendAsync(byte[] record)
    {
        var isPersisted = await _file!.AppendAsync(record);
        if (!isPersisted)
            metrics.RecordAuditFailure();

        return isPersisted;
    }

    /// <summary>Returns the record when it is needed for the file too.</summary>
    private byte[]? WriteToStandardOutput(CompletedRequest request)
    {
        var buffer = RentBuffer();
        AuditRecord.WriteCompleted(buffer, time.GetUtcNow(), request);
        var record = _file is null ? null : buffer.WrittenSpan.ToArray();
        buffer.Write("\n"u8);
        try
        {
            StandardOutput.Write(buffer.WrittenSpan);
        }
        catch (IOException)
        {
            // The log goes the same way, so only the metric can report this.
            metrics.RecordAuditFailure();
        }

        return record;
    }

    private static ArrayBufferWriter<byte> RentBuffer()
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(2048);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "The audit file lacks the completed line of a request of {Caller}, trace {TraceId}; standard output has it. Check the disk of Audit:Path. Suppressed messages of this kind: {Suppressed}")]
        public static partial void CompletedLineMissing(ILogger logger, string? caller, string traceId, int suppressed);
    }
}
