using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace WickrGateway.Observability;

/// <summary>The one writer of standard output: whole lines, each in one write, so that log and audit lines never run into each other.</summary>
internal static class StandardOutput
{
    private static readonly Stream Stream = Console.OpenStandardOutput();
    private static readonly Lock Lock = new();

    public static void Write(ReadOnlySpan<byte> line)
    {
        lock (Lock)
            Stream.Write(line);
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
