namespace WickrGateway.Wickr;

/// <summary>
/// The time to sign with. AWS refuses signatures that are more than minutes off, so when its answer shows that this machine's clock is, the
/// difference is kept. One clock goes with the one endpoint.
/// </summary>
internal sealed partial class WickrClock(TimeProvider time, ILogger<WickrClock> logger)
{
    /// <summary>An invalid signature is blamed on the clock only beyond this; AWS lets 5 minutes pass.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(4);

    /// <summary>A Date has whole seconds and travels; within this, two of them tell the same correction.</summary>
    private static readonly TimeSpan SameCorrection = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TimeSpan _correction;

    public DateTimeOffset UtcNow => time.GetUtcNow() + Correction;

    /// <summary>What is added to this machine's clock.</summary>
    public TimeSpan Correction
    {
        get
        {
            lock (_gate)
                return _correction;
        }
    }

    /// <summary>True when the refusal was about the time and another attempt will be signed with Wickr's.</summary>
    public bool Correct(Attempt refused)
    {
        if (refused.Status != AttemptStatus.AccessDenied || refused.Date is not { } date || !IsAboutTime(refused.Answer?.ErrorType, date - refused.SignedAt))
            return false;

        var correction = date - time.GetUtcNow();
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
        [LoggerMessage(LogLevel.Warning, "This machine's clock and Wickr's differ: requests are signed with the time corrected by {Seconds} s. Mend the clock")]
        public static partial void Corrected(ILogger logger, double seconds);
    }
}
