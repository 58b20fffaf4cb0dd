using System.Buffers;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace WickrGateway.Hosting;

/// <summary>
/// The one writer of standard output: whole lines in order, so that log and audit lines never run into each other. A line that may wait goes
/// out together with the next one that may not, at the latest <see cref="LongestWait"/> later and at the end of the process: one system
/// call less for every request.
/// </summary>
internal static class StandardOutput
{
    private const int MostWaiting = 64 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private static readonly Stream Stream = Console.OpenStandardOutput();
    private static readonly Lock Lock = new();
    private static readonly ArrayBufferWriter<byte> Waiting = new(MostWaiting);
    private static readonly Timer Reminder = new(static _ => Flush());

    static StandardOutput() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Flush();

    /// <summary>Hands the line to the operating system before it returns.</summary>
    /// <exception cref="IOException">Standard output is closed or full.</exception>
    public static void Write(ReadOnlySpan<byte> line)
    {
        lock (Lock)
        {
            Waiting.Write(line);
            WriteWaiting();
        }
    }

    /// <summary>For lines that nobody counts on after a crash.</summary>
    public static void WriteBuffered(ReadOnlySpan<byte> line)
    {
        bool isMuch;
        lock (Lock)
        {
            if (Waiting.WrittenCount == 0)
                Reminder.Change(LongestWait, Timeout.InfiniteTimeSpan);

            Waiting.Write(line);
            isMuch = Waiting.WrittenCount > MostWaiting;
        }

        if (isMuch)
            Flush();
    }

    private static void Flush()
    {
        try
        {
            lock (Lock)
                WriteWaiting();
        }
        catch (IOException)
        {
            // Nobody reads any more, or the place is full; the place that could be told of it is this one.
        }
    }

    private static void WriteWaiting()
    {
        try
        {
            Stream.Write(Waiting.WrittenSpan);
        }
        finally
        {
            Waiting.ResetWrittenCount();
        }
    }

    /// <summary>Serilog's events on the same way out.</summary>
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
