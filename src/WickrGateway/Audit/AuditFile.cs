using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace WickrGateway.Audit;

/// <summary>
/// The chained file. One writer takes all lines that wait, writes them together and flushes them to the disk once, so that many calls share
/// the cost of a flush. After a failure it begins anew with the next line: whenever the disk is back, so is the audit. While the disk does
/// not answer at all, nobody waits for it.
/// </summary>
internal sealed partial class AuditFile : IAsyncDisposable
{
    private const int MaxWaiting = 8192;
    private const int MaxBatch = 1024;

    /// <summary>Longer than a disk that works takes, and well within what a caller waits for an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly AuditFileHandle _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Task _writing;
    private readonly long _maxBytes;
    private bool _failing;
    private volatile bool _isStuck;

    public AuditFile(string path, long maxBytes, TimeProvider time, ILogger logger)
    {
        _maxBytes = maxBytes;
        _time = time;
        _logger = logger;
        _file = AuditFileHandle.Start(path, time);
        if (_file.TornBytes > 0)
            Log.Torn(logger, _file.TornBytes);

        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Whether the record is on the disk. It is not known to be when the disk has not answered for <see cref="Patience"/>.</summary>
    public async Task<bool> AppendAsync(byte[] record)
    {
        if (_isStuck)
            return false;

        var entry = new Entry(record, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            return await QueueAsync(entry).WaitAsync(Patience, _time);
        }
        catch (TimeoutException)
        {
            // Said before the entry is given up, so that the writer, which takes it back, comes after it.
            var isNew = !Interlocked.Exchange(ref _isStuck, true);
            if (!entry.Kept.TrySetResult(false))
            {
                _isStuck = false;
                return await entry.Kept.Task;
            }

            if (isNew)
                Log.Stuck(_logger, Patience);

            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task<bool> QueueAsync(Entry entry)
    {
        await _waiting.Writer.WriteAsync(entry);
        return await entry.Kept.Task;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var entry))
            {
                // What was given up is left out.
                if (!entry.Kept.Task.IsCompleted)
                    batch.Add(entry);
            }

            if (batch.Count > 0)
                Keep(batch);

            // Whether it can be written as well is Keep's to say.
            _isStuck = false;
        }
    }

    private void Keep(List<Entry> batch)
    {
        var kept = 0;
        try
        {
            var last = _file.LastHash;
            _buffer.ResetWrittenCount();
            for (var next = 0; next < batch.Count; next++)
            {
                var length = _file.Length + _buffer.WrittenCount;
                if (length > 0 && length + batch[next].Record.Length + AuditChain.LinkLength > _maxBytes)
                {
                    kept = Flush(batch, kept, next, last);
                    _file.Roll();
                }

                var line = AuditChain.Link(last, batch[next].Record);
                _buffer.Write(line);
                _buffer.Write("\n"u8);
                last = SHA256.HashData(line);
            }

            Flush(batch, kept, batch.Count, last);
            if (_failing || _isStuck)
                Log.Recovered(_logger);

            _failing = false;
        }
        catch (Exception fault)
        {
            // Whatever it was: a writer that ended would refuse every call until the next start.
            if (!_failing)
                Log.Failed(_logger, fault.GetType().Name, fault.HResult);

            _failing = true;
            _file.Abandon();
            foreach (var entry in batch)
                entry.Kept.TrySetResult(false);
        }
    }

    private int Flush(List<Entry> batch, int from, int to, byte[] lastHash)
    {
        if (_buffer.WrittenCount > 0)
            _file.Append(_buffer.WrittenSpan, lastHash);

        _buffer.ResetWrittenCount();
        for (var kept = from; kept < to; kept++)
            batch[kept].Kept.TrySetResult(true);

        return to;
    }

    private sealed record Entry(byte[] Record, TaskCompletionSource<bool> Kept);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "The audit file cannot be written ({Fault}, {Code}); calls are refused until it can")]
        public static partial void Failed(ILogger logger, string fault, int code);

        [LoggerMessage(LogLevel.Critical, "The audit file's disk has not answered for {Patience}; calls are refused until it does")]
        public static partial void Stuck(ILogger logger, TimeSpan patience);

        [LoggerMessage(LogLevel.Warning, "The audit file can be written again")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "The last line of the audit file was torn by a crash ({Bytes} bytes); that is noted in the file")]
        public static partial void Torn(ILogger logger, int bytes);
    }
}
