using System.Buffers;

namespace WickrGateway.Hosting;

/// <param name="End">Where the line ends in its batch.</param>
/// <param name="Written">Null for log lines.</param>
internal readonly record struct OutputLine(int End, TaskCompletionSource<bool>? Written);

/// <summary>Lines that are written together. Not thread-safe.</summary>
/// <param name="capacity">In bytes; what it begins with.</param>
internal sealed class OutputBatch(int capacity)
{
    /// <summary>In bytes.</summary>
    private const int MaxKeptCapacity = 1024 * 1024;

    private ArrayBufferWriter<byte> _bytes = new(capacity);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public int Length => _bytes.WrittenCount;

    public List<OutputLine> Lines { get; } = [];

    /// <summary>Whether a call waits for one of the lines.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Must be followed by <see cref="End"/>, or by <see cref="Reset"/> when the line has been written.</summary>
    public bool TryAdd(ReadOnlySpan<byte> line, int maxLength)
    {
        if (Length + line.Length > maxLength)
            return false;

        _bytes.Write(line);
        return true;
    }

    /// <param name="written">Null for log lines.</param>
    public void End(TaskCompletionSource<bool>? written)
    {
        Lines.Add(new OutputLine(Length, written));
        IsAwaited |= written is not null;
    }

    public void SetWritten()
    {
        foreach (var line in Lines)
            line.Written?.TrySetResult(true);
    }

    public void Reset()
    {
        Lines.Clear();
        IsAwaited = false;
        // The memory of a burst is given back.
        if (_bytes.Capacity > MaxKeptCapacity)
            _bytes = new ArrayBufferWriter<byte>(capacity);

        _bytes.ResetWrittenCount();
    }
}
