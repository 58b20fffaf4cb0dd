namespace WickrGateway.Hosting;

/// <summary>Waits until some of the bytes are written, and returns their number.</summary>
/// <exception cref="IOException">They cannot be written.</exception>
internal delegate int WriteBytes(ReadOnlySpan<byte> bytes);

/// <summary>Writes all of the bytes or, when that is not possible at once, none; never waits.</summary>
internal delegate bool TryWriteBytes(ReadOnlySpan<byte> bytes);

/// <summary>
/// Whole lines, in order. While the output takes them at once, a caller writes its audit line itself, together with the log lines before it: handing
/// it over would cost two thread switches. Else a thread of its own writes, and only this thread waits for a reader that does not read. Lines
/// that come while it writes are written together next. What waits is bounded.
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

    /// <summary>How long log lines wait for an audit line to take them along. Each write wakes the reader.</summary>
    private static readonly TimeSpan LogDelay = TimeSpan.FromMilliseconds(20);

    private readonly object _gate = new();
    private readonly WriteBytes _write;
    private readonly TryWriteBytes? _tryWrite;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private OutputBatch _pending = new(MaxWrite);
    private OutputBatch _writing = new(MaxWrite);
    private bool _isIdle;
    private bool _isAsleep;
    private bool _isFlushing;
    private bool _isLinePartial;
    private volatile bool _isStuck;
    private long _droppedLogLines;

    /// <param name="tryWrite">Null when there is no way to write without waiting.</param>
    /// <param name="timeout">How long an audit line waits to be written.</param>
    public OutputWriter(WriteBytes write, TryWriteBytes? tryWrite, TimeSpan timeout, TimeProvider time)
    {
        (_write, _tryWrite, _timeout, _time) = (write, tryWrite, timeout, time);
        new Thread(Run) { IsBackground = true, Name = "standard output" }.Start();
    }

    /// <summary>Log lines that were not written, since the start.</summary>
    public long DroppedLogLines => Interlocked.Read(ref _droppedLogLines);

    /// <summary>Never waits and never fails.</summary>
    public void WriteLog(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (!_pending.TryAdd(line, MaxPendingForLog))
            {
                Interlocked.Increment(ref _droppedLogLines);
                return;
            }

            _pending.End(written: null);
            if (_isAsleep || _pending.Length >= MaxWrite)
                Monitor.PulseAll(_gate);
        }
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
        var isStuck = _isStuck;
        if (isStuck && !isWanted)
            return Task.FromResult(false);

        TaskCompletionSource<bool> written;
        lock (_gate)
        {
            if (!_pending.TryAdd(line, MaxPending))
                return Task.FromResult(false);

            if (TryWritePending())
                return Task.FromResult(true);

            written = isStuck ? GivenUp : new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _pending.End(written);
            Monitor.PulseAll(_gate);
        }

        return isStuck ? Task.FromResult(false) : WaitAsync(written);
    }

    /// <summary>Waits until all lines are written, or until the timeout.</summary>
    public void Flush(TimeSpan timeout)
    {
        var end = _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            _isFlushing = true;
            Monitor.PulseAll(_gate);
            while (!_isIdle || _pending.Length > 0)
            {
                var left = _time.GetElapsedTime(_time.GetTimestamp(), end);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                    break;
            }

            _isFlushing = false;
        }
    }

    /// <summary>Only while the thread does not write, or lines would change places.</summary>
    private bool TryWritePending()
    {
        if (_tryWrite is null || !_isIdle || _isLinePartial || !_tryWrite(_pending.Written))
            return false;

        _pending.SetWritten();
        _pending.Reset();
        return true;
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
                WaitForLines();
                _isIdle = false;
                (_writing, _pending) = (_pending, _writing);
            }

            Write(_writing);
            _writing.Reset();
        }
    }

    private void WaitForLines()
    {
        _isIdle = true;
        var hasDelayed = false;
        while (!MustWrite(hasDelayed))
        {
            // For Flush.
            Monitor.PulseAll(_gate);
            _isAsleep = _pending.Length == 0;
            hasDelayed = !Monitor.Wait(_gate, _isAsleep ? Timeout.InfiniteTimeSpan : LogDelay);
        }

        _isAsleep = false;
    }

    private bool MustWrite(bool hasDelayed) => _pending.Length > 0 && (hasDelayed || _isFlushing || _pending.IsAwaited || _pending.Length >= MaxWrite);

    private void Write(OutputBatch batch)
    {
        var bytes = batch.Written;
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
}
