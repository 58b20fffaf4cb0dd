using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace WickrGateway.Audit;

/// <summary>
/// The chained file. One writer takes all queued lines, writes them together and flushes them to the disk once, so that many calls share
/// the cost of a flush. After a failure it starts again with the next line: when the disk works again, so does the audit. While the disk
/// hangs, no call waits for it.
/// </summary>
internal sealed partial class AuditFile : IAsyncDisposable
{
    private const int QueueCapacity = 8192;
    private const int MaxBatch = 1024;

    /// <summary>Longer than a working disk takes, and well within the time that a caller waits for a response.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly AuditFileHandle _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _onChanged;
    private readonly Channel<Entry> _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Task _writing;
    private readonly long _maxBytes;
    private bool _failing;
    private volatile bool _isHanging;

    /// <param name="onChanged">Called when somebody else has replaced, cut or changed the file.</param>
    public AuditFile(string path, long maxBytes, TimeProvider time, ILogger logger, Action onChanged)
    {
        _maxBytes = maxBytes;
        _time = time;
        _logger = logger;
        _onChanged = onChanged;
        _file = AuditFileHandle.Start(path, time);
        Report(_file.Found);

        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Whether the record is on the disk. False also when the disk has not confirmed it within <see cref="Timeout"/>.</summary>
    public async Task<bool> AppendAsync(byte[] record)
    {
        if (_isHanging)
            return false;

        var entry = new Entry(record, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            return await QueueAsync(entry).WaitAsync(Timeout, _time);
        }
        catch (TimeoutException)
        {
            // Set before the entry is given up, so that the writer, which resets it, comes later.
            var isNew = !Interlocked.Exchange(ref _isHanging, true);
            if (!entry.Persisted.TrySetResult(false))
            {
                _isHanging = false;
                return await entry.Persisted.Task;
            }

            if (isNew)
                Log.NotResponding(_logger, Timeout);

            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task<bool> QueueAsync(Entry entry)
    {
        await _queue.Writer.WriteAsync(entry);
        return await entry.Persisted.Task;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var entry))
            {
                // Entries that were given up are left out.
                if (!entry.Persisted.Task.IsCompleted)
                    batch.Add(entry);
            }

            if (batch.Count > 0)
                Write(batch);

            // Whether the file can be written is decided by Write.
            _isHanging = false;
        }
    }

    private void Write(List<Entry> batch)
    {
        var persisted = 0;
        try
        {
            if (_file.Prepare())
                ReportChange();

            var last = _file.LastHash;
            _buffer.ResetWrittenCount();
            for (var next = 0; next < batch.Count; next++)
            {
                var length = _file.Length + _buffer.WrittenCount;
                if (length > 0 && length + batch[next].Record.Length + AuditChain.LinkLength > _maxBytes)
                {
                    persisted = Flush(batch, persisted, next, last);
                    _file.Roll();
                }

                var line = AuditChain.Link(last, batch[next].Record);
                _buffer.Write(line);
                _buffer.Write("\n"u8);
                last = SHA256.HashData(line);
            }

            Flush(batch, persisted, batch.Count, last);
            if (_failing || _isHanging)
                Log.Recovered(_logger);

            _failing = false;
        }
        catch (Exception failure)
        {
            // Whatever it is: if the writer ended, every call would be refused until the next start.
            if (!_failing)
                Log.Failed(_logger, failure.GetType().Name, failure.HResult);

            _failing = true;
            _file.Abandon();
            foreach (var entry in batch)
                entry.Persisted.TrySetResult(false);
        }
    }

    private int Flush(List<Entry> batch, int from, int to, byte[] lastHash)
    {
        if (_buffer.WrittenCount > 0)
            _file.Append(_buffer.WrittenSpan, lastHash);

        _buffer.ResetWrittenCount();
        for (var index = from; index < to; index++)
            batch[index].Persisted.TrySetResult(true);

        return to;
    }

    private void Report(AuditFileStart found)
    {
        if (found.IsChanged)
            ReportChange();

        if (found.IsUnremembered)
            Log.Unremembered(_logger);

        if (found.UnrememberedLines > 0)
            Log.UnrememberedLines(_logger, found.UnrememberedLines);

        if (found.PartialBytes > 0)
            Log.PartialLine(_logger, found.PartialBytes);
    }

    private void ReportChange()
    {
        _onChanged();
        Log.Changed(_logger);
    }

    private sealed record Entry(byte[] Record, TaskCompletionSource<bool> Persisted);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "The audit file cannot be written ({ExceptionType}, {Code}); calls are refused until it can. Check the disk, its free space and permissions")]
        public static partial void Failed(ILogger logger, string exceptionType, int code);

        [LoggerMessage(LogLevel.Critical, "The disk of the audit file has not responded for {Timeout}; calls are refused until it does. Check the disk")]
        public static partial void NotResponding(ILogger logger, TimeSpan timeout);

        [LoggerMessage(LogLevel.Warning, "The audit file can be written again")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(LogLevel.Critical, "The audit file was replaced, cut or changed by someone else, so lines may be missing there. What was found is set aside beside it, and the chain goes on in a new file with a resumed line. Find out who changed it, run verify-audit, and compare with what was collected from standard output")]
        public static partial void Changed(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "The audit file's lock file does not remember its last line, so a change since the last stop would not be noticed. After an upgrade this is expected once; else find out who removed or emptied the lock file")]
        public static partial void Unremembered(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "The audit file has {Lines} more lines than its lock file remembers: the gateway or its machine crashed, or someone added them. Without a crash, compare them with what was collected from standard output")]
        public static partial void UnrememberedLines(ILogger logger, int lines);

        [LoggerMessage(LogLevel.Warning, "A crash left only a part of the last line of the audit file ({Bytes} bytes); a recovered line in the file records this")]
        public static partial void PartialLine(ILogger logger, int bytes);
    }
}
