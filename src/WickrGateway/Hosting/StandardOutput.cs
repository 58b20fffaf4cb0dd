using System.Buffers;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace WickrGateway.Hosting;

/// <summary>
/// The only writer of standard output. It writes whole lines in order, so that log and audit lines are never mixed. A buffered line is written
/// together with the next line that is not buffered, at the latest after <see cref="FlushInterval"/> or when the process ends. That saves one
/// system call for each request.
/// </summary>
internal static class StandardOutput
{
    private const int MaxBufferedBytes = 64 * 1024;
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(50);

    private static readonly Stream Stream = Console.OpenStandardOutput();
    private static readonly Lock Lock = new();
    private static readonly ArrayBufferWriter<byte> Buffer = new(MaxBufferedBytes);
    private static readonly Timer FlushTimer = new(static _ => Flush());

    static StandardOutput() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Flush();

    /// <summary>Hands the line to the operating system before it returns.</summary>
    /// <exception cref="IOException">Standard output is closed or full.</exception>
    public static void Write(ReadOnlySpan<byte> line)
    {
        lock (Lock)
        {
            Buffer.Write(line);
            WriteBuffer();
        }
    }

    /// <summary>For lines that may be lost when the process crashes.</summary>
    public static void WriteBuffered(ReadOnlySpan<byte> line)
    {
        bool isFull;
        lock (Lock)
        {
            if (Buffer.WrittenCount == 0)
                FlushTimer.Change(FlushInterval, Timeout.InfiniteTimeSpan);

            Buffer.Write(line);
            isFull = Buffer.WrittenCount > MaxBufferedBytes;
        }

        if (isFull)
            Flush();
    }

    private static void Flush()
    {
        try
        {
            lock (Lock)
                WriteBuffer();
        }
        catch (IOException)
        {
            // Standard output is closed or its disk is full, and this is where the error would be logged.
        }
    }

    private static void WriteBuffer()
    {
        try
        {
            Stream.Write(Buffer.WrittenSpan);
        }
        finally
        {
            Buffer.ResetWrittenCount();
        }
    }

    /// <summary>Writes Serilog's events through the same buffer.</summary>
    public sealed class Sink(ITextFormatter formatter) : ILogEventSink
    {
        [ThreadStatic]
        private static StringBuilder? s_text;

        public void Emit(LogEvent logEvent)
        {
            var text = s_text ??= new StringBuilder(512);
            text.Clear();
            using (var writer = new StringWriter(text))
                formatter.Format(logEvent, writer);

            Write(Encoding.UTF8.GetBytes(text.ToString()));
        }
    }
}
