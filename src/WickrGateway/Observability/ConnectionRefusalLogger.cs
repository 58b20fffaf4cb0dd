namespace WickrGateway.Observability;

/// <summary>Logs that connections are refused, once a minute at most: otherwise the client that causes it would decide how fast the log grows.</summary>
internal sealed partial class ConnectionRefusalLogger(ILogger<ConnectionRefusalLogger> logger, TimeProvider time)
{
    private readonly LogThrottle _throttle = new(time);

    public void LogRefusal()
    {
        if (_throttle.TryAcquire(out var suppressed))
            Log.Refused(logger, suppressed + 1);
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "{Refused} new connections were closed since the last such line, because Limits:MaxConnections or Limits:MaxConnectionsPerAddress are reached. Clients get no response. Find out who keeps so many connections open; add replicas or raise the limit if they are callers")]
        public static partial void Refused(ILogger logger, int refused);
    }
}
