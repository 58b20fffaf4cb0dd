using System.Buffers;

namespace WickrGateway.Hosting;

/// <summary>Waits until some of the bytes are written, and returns their number.</summary>
/// <exception cref="IOException">They cannot be written.</exception>
internal delegate int WriteBytes(ReadOnlySpan<byte> bytes);

/// <summary>
/// Whole lines, in order, from one thread of its own: only this thread waits for a reader that does not read. Lines that come while it writes
/// are written together next. What waits is bounded.
/// </summary>
internal sealed class OutputWriter
{
    private const int MaxWrite = 64 * 1024;

    /// <summary>In bytes. Log lines that find more waiting are dropped; a third of a second at the highest rate.</summary>
    public const int MaxPendingForLog = 1024 * 1024;

    /// <summary>In bytes. More than log lines may take, so that they cannot crowd out the audit.</summary>
    public const int MaxPending = 4 * 1024 * 1024;

    /// <summary>In place of a waiting call: the line is an audit line, and nothing waits for it any more.</summary>
    private static readonly TaskCompletionSource<bool> GivenUp = new();

    private readonly object _gate = new();
    private readonly WriteBytes _write;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private Batch _pending = new();
    private Batch _writing = new();
    private bool _isIdle;
    private bool _isLinePartial;
    private volatile bool _isStuck;
    private long _droppedLogLines;

    /// <param name="timeout">How long an audit line waits to be written.</param>
    public OutputWriter(WriteBytes write, TimeSpan timeout, TimeProvider time)
    {
        (_write, _timeout, _time) = (write, timeout, time);
        new Thread(Run) { IsBackground = true, Name = "standard output" }.Start();
    }

    /// <summary>Log lines that were not written, since the start.</summary>
    public long DroppedLogLines => Interlocked.Read(ref _droppedLogLines);

    /// <summary>Never waits and never fails.</summary>
    public void WriteLog(ReadOnlySpan<byte> line)
    {
        if (!TryQueue(line, written: null, MaxPendingForLog))
            Interlocked.Increment(ref _droppedLogLines);
    }

    /// <summary>
    /// Whether the operating system has taken the line. False also when it did not within the timeout. After that nothing waits any more until
    /// something is written again.
    /// </summary>
    /// <param name="isWanted">
    /// Whether the line is worth writing later, when it could not be written in time: what happened is, what was to be allowed to happen is not.
    /// </param>
    public Task<bool> WriteAsync(ReadOnlySpan<byte> line, bool isWanted)
    {
        if (_isStuck)
        {
            if (isWanted)
                TryQueue(line, GivenUp, MaxPending);

            return Task.FromResult(false);
        }

        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryQueue(line, written, MaxPending) ? WaitAsync(written) : Task.FromResult(false);
    }

    /// <summary>Waits until all lines are written, or until the timeout.</summary>
    public void Flush(TimeSpan timeout)
    {
        var end = _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            while (!_isIdle || _pending.Lines.Count > 0)
            {
                var left = _time.GetElapsedTime(_time.GetTimestamp(), end);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                    return;
            }
        }
    }

    private bool TryQueue(ReadOnlySpan<byte> line, TaskCompletionSource<bool>? written, int maxPending)
    {
        lock (_gate)
        {
            if (_pending.Bytes.WrittenCount + line.Length > maxPending)
                return false;

            _pending.Bytes.Write(line);
            _pending.Lines.Add(new Line(_pending.Bytes.WrittenCount, written));
            if (_isIdle)
                Monitor.PulseAll(_gate);

            return true;
        }
    }

    private async Task<bool> WaitAsync(TaskCompletionSource<bool> written)
    {
        try
        {
            return await written.Task.WaitAsync(_timeout, _time);
        }
        catch (TimeoutException)
        {
            // Set before the line is given up, so that the writer, which resets it, comes later.
            _isStuck = true;
            if (written.TrySetResult(false))
                return false;

            _isStuck = false;
            return await written.Task;
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_pending.Lines.Count == 0)
                {
                    _isIdle = true;
                    Monitor.PulseAll(_gate);
                    Monitor.Wait(_gate);
                }

                _isIdle = false;
                (_writing, _pending) = (_pending, _writing);
            }

            Write(_writing);
            _writing.Reset();
        }
    }

    private void Write(Batch batch)
    {
        var bytes = batch.Bytes.WrittenSpan;
        var (written, next) = (0, 0);
        try
        {
            // The line that a failure cut off must not become one with the next.
            if (_isLinePartial)
                _write("\n"u8);

            _isLinePartial = false;
            while (written < bytes.Length)
            {
                written += _write(bytes.Slice(written, Math.Min(bytes.Length - written, MaxWrite)));
                _isStuck = false;
                for (; next < batch.Lines.Count && batch.Lines[next].End <= written; next++)
                    batch.Lines[next].Written?.TrySetResult(true);
            }
        }
        catch (Exception)
        {
            // Whatever it is: without this thread nothing would be written until the next start.
            _isStuck = false;
            _isLinePartial |= written > 0 && bytes[written - 1] != (byte)'\n';
            for (; next < batch.Lines.Count; next++)
            {
                if (batch.Lines[next].Written is { } audit)
                    audit.TrySetResult(false);
                else
                    Interlocked.Increment(ref _droppedLogLines);
            }
        }
    }

    /// <param name="End">Where the line ends in the batch.</param>
    /// <param name="Written">Null for log lines.</param>
    private readonly record struct Line(int End, TaskCompletionSource<bool>? Written);

    private sealed class Batch
    {
        public ArrayBufferWriter<byte> Bytes { get; private set; } = new(MaxWrite);

        public List<Line> Lines { get; } = [];

        public void Reset()
        {
            Lines.Clear();
            // The memory of a burst is given back.
            if (Bytes.Capacity > MaxPendingForLog)
                Bytes = new ArrayBufferWriter<byte>(MaxWrite);

            Bytes.ResetWrittenCount();
        }
    }
}
