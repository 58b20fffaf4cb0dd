using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>
/// The time to sign with. AWS refuses signatures that are more than minutes off; when a response shows that this host's clock is, the
/// difference is kept and added from then on.
/// </summary>
internal sealed partial class WickrClock(TimeProvider time, ILogger<WickrClock> logger)
{
    /// <summary>An invalid signature is attributed to the clock only beyond this difference; AWS accepts 5 minutes.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(4);

    /// <summary>A <c>Date</c> has whole seconds and takes time to arrive; two corrections closer than this are the same one.</summary>
    private static readonly TimeSpan SameCorrection = TimeSpan.FromSeconds(5);

    /// <summary>More than a wrong time zone. A <c>Date</c> further away is not Wickr's time, and with its year 9999 no signature could be made.</summary>
    private static readonly TimeSpan MaxCorrection = TimeSpan.FromHours(24);

    private readonly LogThrottle _ignored = new(time);
    private readonly Lock _gate = new();
    private TimeSpan _correction;

    public DateTimeOffset UtcNow => time.GetUtcNow() + Correction;

    /// <summary>What is added to this host's clock.</summary>
    public TimeSpan Correction
    {
        get
        {
            lock (_gate)
                return _correction;
        }
    }

    /// <summary>True when the refusal was about the time, and another attempt would be signed with Wickr's.</summary>
    public bool Correct(AttemptResult refused)
    {
        if (refused.Status != AttemptStatus.AccessDenied || refused.Date is not { } date || !IsAboutTime(refused.Response?.ErrorType, date - refused.SignedAt))
            return false;

        var correction = date - time.GetUtcNow();
        if (correction.Duration() > MaxCorrection)
        {
            if (_ignored.TryAcquire(out var suppressed))
                Log.Ignored(logger, Math.Round(correction.TotalHours), suppressed);

            return false;
        }

        lock (_gate)
        {
            if ((correction - _correction).Duration() < SameCorrection)
                return true;

            _correction = correction;
        }

        Log.Corrected(logger, Math.Round(correction.TotalSeconds));
        return true;
    }

    public static bool IsAboutTime(string? errorType, TimeSpan difference) => errorType switch
    {
        "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture" => true,
        "InvalidSignatureException" => difference.Duration() > Tolerance,
        _ => false,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "This host's clock differs from Wickr's: requests are signed with the time corrected by {Seconds} s. Correct the host's clock")]
        public static partial void Corrected(ILogger logger, double seconds);

        [LoggerMessage(LogLevel.Error, "Wickr's endpoint refuses the time of the signature, and its own is {Hours} h away from this host's, which is too far to be corrected. Callers get wickr-denied. Check this host's clock, and any proxy in between. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Ignored(ILogger logger, double hours, int suppressed);
    }
}
