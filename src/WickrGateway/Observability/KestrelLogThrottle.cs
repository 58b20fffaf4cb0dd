using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;
using Serilog.Filters;

namespace WickrGateway.Observability;

/// <summary>Lets each of Kestrel's warnings and errors through once a minute: some of them are about one connection, so its client would decide how fast the log grows.</summary>
internal sealed class KestrelLogThrottle(TimeProvider time) : ILogEventFilter
{
    private static readonly Func<LogEvent, bool> IsFromKestrel = Matching.FromSource("Microsoft.AspNetCore.Server.Kestrel");

    /// <summary>By message template: they are Kestrel's constants.</summary>
    private readonly ConcurrentDictionary<string, LogThrottle> _throttles = new(StringComparer.Ordinal);

    public bool IsEnabled(LogEvent logEvent) =>
        logEvent.Level < LogEventLevel.Warning
        || !IsFromKestrel(logEvent)
        || _throttles.GetOrAdd(logEvent.MessageTemplate.Text, static (_, clock) => new LogThrottle(clock), time).TryAcquire(out _);
}
