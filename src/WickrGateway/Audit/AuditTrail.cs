using System.Buffers;
using WickrGateway.Hosting;
using WickrGateway.Observability;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Audit;

/// <summary>
/// The audit of every judged call: a line on standard output, whatever the log levels say, and with <c>Audit:Path</c> two lines on disk: one
/// before Wickr is asked, one before the answer leaves.
/// </summary>
internal sealed partial class AuditTrail(AuditOptions options, GatewayMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    /// <summary>The logger's name in every line.</summary>
    public const string Source = "WickrGateway.Audit";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    private readonly ILogger _logger = loggers.CreateLogger<AuditTrail>();
    private readonly LogThrottle _lacking = new(time);
    private readonly AuditFile? _file = options.Path is { } path ? new AuditFile(path, options.MaxFileBytes, time, loggers.CreateLogger<AuditFile>()) : null;

    /// <summary>Whether the call may be made: an action that cannot be audited does not happen.</summary>
    public ValueTask<bool> RecordRequestedAsync(HttpContext context, Call call)
    {
        if (_file is null)
            return ValueTask.FromResult(true);

        var buffer = Buffer();
        AuditRecord.WriteRequested(buffer, time.GetUtcNow(), context, call);
        return new ValueTask<bool>(KeepAsync(buffer.WrittenSpan.ToArray()));
    }

    /// <param name="status">Null when the caller hung up before it could be judged.</param>
    public async ValueTask RecordCompletedAsync(HttpContext context, Call call, int? status, GatewayProblem? problem)
    {
        var record = Tell(context, call, status, problem);
        // Beyond the rate of failures the lines go to standard output alone: strangers must not be able to fill the disk.
        if (record is null || (call.Credential is null && status == StatusCodes.Status429TooManyRequests))
            return;

        // What Wickr was asked cannot be taken back, so the answer goes out all the same; the asked line is on disk, and the log tells.
        if (!await KeepAsync(record) && _lacking.TryAcquire(out var suppressed))
            Log.AnswerNotKept(_logger, call.Caller?.Name, GatewayProblem.TraceId(context), suppressed);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<bool> KeepAsync(byte[] record)
    {
        var kept = await _file!.AppendAsync(record);
        if (!kept)
            metrics.AuditFailed();

        return kept;
    }

    /// <summary>Writes to standard output; gives the record back when the file wants it too.</summary>
    private byte[]? Tell(HttpContext context, Call call, int? status, GatewayProblem? problem)
    {
        var buffer = Buffer();
        AuditRecord.WriteCompleted(buffer, time.GetUtcNow(), context, call, status, problem, time.GetElapsedTime(call.Begun));
        var record = _file is null ? null : buffer.WrittenSpan.ToArray();
        buffer.Write("\n"u8);
        try
        {
            StandardOutput.Write(buffer.WrittenSpan);
        }
        catch (IOException)
        {
            // The place that could be told of it is the one that failed; the answer is true all the same.
            metrics.AuditFailed();
        }

        return record;
    }

    private static ArrayBufferWriter<byte> Buffer()
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(2048);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "The audit file lacks the answered line of a call by {Caller}, trace {TraceId}; it stands on standard output. Such calls not told since the last line like this: {Suppressed}")]
        public static partial void AnswerNotKept(ILogger logger, string? caller, string traceId, int suppressed);
    }
}
