using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>A session's credentials, or why there are none.</summary>
/// <param name="Credentials">Null when there are none.</param>
/// <param name="Failure">The end of an attempt without them.</param>
internal sealed record RoleCredentials(ImmutableCredentials? Credentials, DateTimeOffset Expiration, AttemptStatus Failure)
{
    /// <summary>AWS's code or the type of the exception behind a failure.</summary>
    public string? Cause { get; init; }

    public static RoleCredentials Failed(AttemptStatus failure) => new(null, default, failure);
}

/// <summary>
/// One session of a role, made anew before it expires. Calls wait only when there is none, and then share one request to STS. A failure is
/// shared too, for a while; a session that still lasts is used until its end.
/// </summary>
internal sealed class RoleSession(TimeSpan refreshLead, Func<Task<RoleCredentials>> assume, TimeProvider time)
{
    /// <summary>Longer than any call waits, and short for a person who has just corrected a policy.</summary>
    private static readonly TimeSpan FailureInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<RoleCredentials>? _request;
    private Task<RoleCredentials>? _current;
    private RoleCredentials? _failure;
    private long _failedAt;
    private long _lastUsed = time.GetTimestamp();

    /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastUsed => Interlocked.Read(ref _lastUsed);

    public Task<RoleCredentials> GetAsync(CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _lastUsed, time.GetTimestamp());
        lock (_gate)
        {
            RefreshIfDue();
            if (Left > TimeSpan.Zero)
                return _current!;

            return _request is { } request ? request.WaitAsync(cancellation) : Task.FromResult(_failure!);
        }
    }

    /// <summary>Asks STS again where the session ends soon.</summary>
    public void Refresh()
    {
        lock (_gate)
            RefreshIfDue();
    }

    /// <summary>AWS refused these credentials; the next call asks STS, unless they have been replaced already.</summary>
    public void Invalidate(ImmutableCredentials refused)
    {
        lock (_gate)
        {
            if (_current?.Result.Credentials?.Token == refused.Token)
                _current = null;
        }
    }

    private TimeSpan Left => _current is { } current ? current.Result.Expiration - time.GetUtcNow() : TimeSpan.Zero;

    private void RefreshIfDue()
    {
        if (_request is not null || Left > refreshLead || (_failure is not null && time.GetElapsedTime(_failedAt) < FailureInterval))
            return;

        _request = Task.Run(RequestAsync, CancellationToken.None);
    }

    private async Task<RoleCredentials> RequestAsync()
    {
        var result = await AssumeAsync();
        lock (_gate)
        {
            _request = null;
            if (result.Credentials is null)
                (_failure, _failedAt) = (result, time.GetTimestamp());
            else
                (_failure, _current) = (null, Task.FromResult(result));
        }

        return result;
    }

    /// <summary>An exception here would be the result of all later calls.</summary>
    private async Task<RoleCredentials> AssumeAsync()
    {
        try
        {
            return await assume();
        }
        catch (Exception)
        {
            return RoleCredentials.Failed(AttemptStatus.StsUnreachable);
        }
    }
}
