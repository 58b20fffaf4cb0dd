using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace WickrGateway.Hosting;

/// <summary>Returns what is printed instead of the line; empty for nothing.</summary>
internal delegate byte[] RewriteLine(ReadOnlySpan<byte> line);

/// <summary>The only way to standard output, so that log and audit lines are never mixed and no call waits for long for a reader that has stopped.</summary>
internal static class StandardOutput
{
    /// <summary>Longer than a reader that works takes, and well within the time that a caller waits for a response.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>A reader that has stopped must not hold up the end of the process.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private static readonly OutputWriter Writer = new(OutputDescriptor.Write, OutputDescriptor.TryWrite, Timeout, TimeProvider.System);

    static StandardOutput()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Writer.Flush(FlushTimeout);
        AppDomain.CurrentDomain.UnhandledException += static (_, _) => Writer.Flush(FlushTimeout);
    }

    /// <summary>For DevHost, which sets it before the gateway writes its first line, so that a person can read them in a terminal. Null in the gateway itself.</summary>
    public static RewriteLine? Rewrite { get; set; }

    /// <inheritdoc cref="OutputWriter.DroppedLogLines"/>
    public static long DroppedLogLines => Writer.DroppedLogLines;

    /// <inheritdoc cref="OutputWriter.WriteAsync"/>
    public static Task<bool> WriteAsync(ReadOnlySpan<byte> line, bool isWanted)
    {
        var printed = Rewritten(line);
        return printed.IsEmpty ? Task.FromResult(true) : Writer.WriteAsync(printed, isWanted);
    }

    private static ReadOnlySpan<byte> Rewritten(ReadOnlySpan<byte> line) => Rewrite is { } rewrite ? rewrite(line) : line;

    /// <summary>For Serilog's events.</summary>
    public sealed class Sink(ITextFormatter formatter) : ILogEventSink
    {
        [ThreadStatic]
        private static LineWriter? s_line;

        public void Emit(LogEvent logEvent)
        {
            var writer = s_line ?? new LineWriter();
            // Kept only when the whole line could be written.
            s_line = null;
            formatter.Format(logEvent, writer);
            var line = Rewritten(writer.Take());
            if (!line.IsEmpty)
                Writer.WriteLog(line);

            s_line = writer;
        }
    }

    /// <summary>The text of one line, in memory that is used again for the next.</summary>
    private sealed class LineWriter() : StreamWriter(new MemoryStream(1024), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
    {
        /// <summary>Valid until the next line is begun.</summary>
        public ReadOnlySpan<byte> Take()
        {
            Flush();
            var bytes = (MemoryStream)BaseStream;
            var line = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            bytes.SetLength(0);
            return line;
        }
    }
}
