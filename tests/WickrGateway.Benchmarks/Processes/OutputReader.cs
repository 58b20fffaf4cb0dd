namespace WickrGateway.Benchmarks.Processes;

/// <summary>Reads a process's standard output line by line on a thread of its own, without a break except when it is paused.</summary>
internal sealed class OutputReader
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile TaskCompletionSource? _pause;

    /// <param name="output">The read end of the process's pipe.</param>
    /// <param name="line">Called for each line, without its line feed; the memory is only valid during the call.</param>
    public OutputReader(Stream output, Action<ReadOnlyMemory<byte>> line) => new Thread(() => Read(output, line)) { IsBackground = true }.Start();

    /// <summary>Completes when the process has ended and everything that it wrote has been read.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Stops reading, so that the pipe fills.</summary>
    public void Pause() => _pause = new TaskCompletionSource();

    public void Resume() => _pause?.SetResult();

    private void Read(Stream output, Action<ReadOnlyMemory<byte>> line)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            var length = 0;
            for (int read; (read = output.Read(buffer, length, buffer.Length - length)) > 0;)
            {
                _pause?.Task.Wait();
                length += read;
                var start = 0;
                for (int end; (end = buffer.AsSpan(start, length - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
                    line(buffer.AsMemory(start, end));

                buffer.AsSpan(start, length - start).CopyTo(buffer);
                length -= start;
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
            }

            _completion.SetResult();
        }
        catch (Exception failure)
        {
            _completion.SetException(failure);
        }
    }
}
