using System.Diagnostics;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.Util;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>
/// The gateway's AWS credentials, from AWS's default chain. They are kept here until they really expire, and resolved anew in the background
/// before that: the chain itself refuses to return them in their last minute when its source fails, and only looks at them when it is asked.
/// </summary>
internal sealed partial class WickrCredentials : IDisposable
{
    public const string Sources = "environment, profile and SSO, web identity, container, instance metadata";

    /// <summary>How long the keys of a profile are used before its file is read again. Nothing is resolved more often than this without need.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(5);

    /// <summary>The chain has those of instance metadata in its memory; it fetches them every 2 minutes.</summary>
    private static readonly TimeSpan InstanceInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long before their end temporary credentials are replaced. All sources have new ones by then, and an outage of this length goes unnoticed.</summary>
    private static readonly TimeSpan RefreshLead = TimeSpan.FromMinutes(15);

    /// <summary>After a failure without any credentials left: calls that come at once share it.</summary>
    private static readonly TimeSpan FailureInterval = TimeSpan.FromSeconds(1);

    /// <summary>Reading takes a millisecond. When a disk hangs one resolution waits this long, and the next ones do not wait.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly ILogger<WickrCredentials> _logger;
    private readonly TimeProvider _time;
    private readonly LogThrottle _failures;
    private readonly LogThrottle _refreshFailures;
    private volatile bool _isDisposed;
    private DefaultAWSCredentialsIdentityResolver _chain = new();
    private AWSCredentials? _source;
    private long _lastRead;
    private Task<AWSCredentials?> _reading = Task.FromResult<AWSCredentials?>(null);
    private Task<ImmutableCredentials?> _resolution = Task.FromResult<ImmutableCredentials?>(null);
    private Known? _known;
    private (long Since, TimeSpan Interval)? _wait;

    public WickrCredentials(AwsHttpClient http, ILogger<WickrCredentials> logger, TimeProvider time)
    {
        (_logger, _time, _failures, _refreshFailures) = (logger, time, new LogThrottle(time), new LogThrottle(time));
        http.UseForCredentials();
    }

    /// <summary>When the credentials in use expire; null for those that do not.</summary>
    public DateTimeOffset? Expiration
    {
        get
        {
            lock (_gate)
                return _known?.Expiration;
        }
    }

    /// <summary>
    /// Null when they cannot be resolved. Calls only wait where none are known, and then share one resolution: after a failure the chain
    /// would let them try one after the other, each with its own time-out.
    /// </summary>
    public Task<ImmutableCredentials?> GetAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_resolution.IsCompleted && IsDue())
            {
                _wait = null;
                _resolution = Task.Run(ResolveAsync, CancellationToken.None);
            }

            if (_known is { } known && !known.IsExpired(_time.GetUtcNow()))
                return known.Credentials;

            return _resolution.IsCompleted ? _resolution : _resolution.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Makes the next resolution fetch new ones, unless they have been replaced already: a hundred calls that fail with the same expired
    /// token cause one refresh.
    /// </summary>
    public async Task InvalidateAsync(ImmutableCredentials refused, CancellationToken cancellation)
    {
        await GetAsync(cancellation);
        lock (_gate)
        {
            if (_known is null || !_known.Matches(refused))
                return;

            _known = null;
            if (!_resolution.IsCompleted)
                return;

            _wait = null;
            if (_source is RefreshingAWSCredentials refreshing)
                refreshing.ClearCredentials();
            else
                // Those that do not refresh themselves may have been replaced at their source.
                ResetChain();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _chain.Dispose();
    }

    private bool IsDue() => _wait is not { } wait || _time.GetElapsedTime(wait.Since) >= wait.Interval;

    /// <summary>A new chain has an empty cache.</summary>
    private void ResetChain()
    {
        _source = null;
        _chain.Dispose();
        _chain = new DefaultAWSCredentialsIdentityResolver();
    }

    private async Task<ImmutableCredentials?> ResolveAsync()
    {
        // The resolution is shared by all calls, so the trace of the first one must not be sent to AWS with it.
        Activity.Current = null;
        try
        {
            var known = await FetchAsync();
            lock (_gate)
            {
                _known = known;
                _wait = (_time.GetTimestamp(), NextInterval(known));
            }

            return await known.Credentials;
        }
        catch (Exception) when (_isDisposed)
        {
            // The gateway ends, or its start failed.
            return null;
        }
        catch (Exception failure)
        {
            // An assumed role keeps the keys that it was first assumed with; where those were replaced only a new chain finds the new ones.
            ResetChain();
            Known? left;
            lock (_gate)
            {
                left = _known is { } known && !known.IsExpired(_time.GetUtcNow()) ? _known : null;
                _wait = (_time.GetTimestamp(), left is null ? FailureInterval : MinInterval);
            }

            WriteFailure(failure, left);
            return null;
        }
    }

    /// <summary>The type only: the chain's texts can repeat what it found in files and variables.</summary>
    private void WriteFailure(Exception failure, Known? left)
    {
        if (left is null && _failures.TryAcquire(out var suppressed))
            Log.NotResolved(_logger, failure.GetType().Name, Sources, suppressed);
        else if (left is not null && _refreshFailures.TryAcquire(out suppressed))
            Log.NotRefreshed(_logger, failure.GetType().Name, left.Expiration, suppressed);
    }

    private async Task<Known> FetchAsync()
    {
        if (_source is RefreshingAWSCredentials refreshing)
            refreshing.ClearCredentials();

        if (_source is null)
        {
            // The chain tries its sources synchronously, and a missing instance metadata service takes its _time.
            _source = await _chain.ResolveIdentityAsync(clientConfig: null);
            // A response may have gone on here on the thread of its socket, and what follows can read files and ask instance metadata, and waits for both.
            await Task.Yield();
            _lastRead = _time.GetTimestamp();
        }

        if (_source is BasicAWSCredentials or SessionAWSCredentials)
            _source = await ReloadProfileAsync(_source);

        // The last minute counts too.
        if (_source is RefreshingAWSCredentials temporary)
            temporary.ExpirationBuffer = TimeSpan.Zero;

        var credentials = await _source.GetCredentialsAsync();
        var expiration = IsInstanceMetadata ? InstanceExpiration(credentials) : _source.Expiration;
        return new Known(Task.FromResult<ImmutableCredentials?>(credentials), expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : null);
    }

    /// <summary>By the name, because the chain's type is internal.</summary>
    private bool IsInstanceMetadata => _source?.GetType().Name.Contains("InstanceProfile", StringComparison.Ordinal) == true;

    /// <summary>The chain does not tell when those of instance metadata expire. Null when the service does not respond or has other ones by now.</summary>
    private static DateTime? InstanceExpiration(ImmutableCredentials credentials)
    {
        try
        {
            return EC2InstanceMetadata.IAMSecurityCredentials?.Values.FirstOrDefault(found => found.AccessKeyId == credentials.AccessKey)?.Expiration;
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Where nothing new comes, the time between two attempts halves, so that the last ones are close to the end.</summary>
    private TimeSpan NextInterval(Known known)
    {
        if (IsInstanceMetadata)
            return InstanceInterval;

        if (known.Expiration is not { } expiration)
            return MinInterval;

        var left = expiration - _time.GetUtcNow();
        if (left < MinInterval)
            return left;

        var interval = left > RefreshLead * 2 ? left - RefreshLead : left / 2;
        return interval > MinInterval ? interval : MinInterval;
    }

    /// <summary>
    /// Keys in a profile are replaced in its file; in a container that is done by swapping a link, which file watchers miss. While the file
    /// has none or cannot be read, the known keys stay in use: AWS decides whether they are still valid.
    /// </summary>
    private async Task<AWSCredentials> ReloadProfileAsync(AWSCredentials known)
    {
        if (!_reading.IsCompleted || _time.GetElapsedTime(_lastRead) < MinInterval)
            return known;

        _lastRead = _time.GetTimestamp();
        _reading = Task.Run(ReadProfile);
        try
        {
            return await _reading.WaitAsync(ReadTimeout, _time) ?? known;
        }
        catch (TimeoutException)
        {
            return known;
        }
    }

    private static AWSCredentials? ReadProfile()
    {
        try
        {
            return new CredentialProfileStoreChain().TryGetAWSCredentials(DefaultAWSCredentialsIdentityResolver.GetProfileName(), out var found) ? found : null;
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <param name="Credentials">As a task, because that is what every call is given.</param>
    private sealed record Known(Task<ImmutableCredentials?> Credentials, DateTimeOffset? Expiration)
    {
        public bool IsExpired(DateTimeOffset now) => Expiration <= now;

        public bool Matches(ImmutableCredentials other) =>
            Credentials.Result is { } own && own.AccessKey == other.AccessKey && own.SecretKey == other.SecretKey && own.Token == other.Token;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The AWS credentials could not be refreshed ({Cause}). Those in use stay in use until {Expiration}; after that callers get wickr-denied. Check the source of the credentials. Suppressed messages of this kind: {Suppressed}")]
        public static partial void NotRefreshed(ILogger logger, string cause, DateTimeOffset? expiration, int suppressed);

        [LoggerMessage(LogLevel.Error, "The AWS credentials could not be resolved ({Cause}), so nothing can be sent to Wickr. Every caller gets wickr-denied until this is fixed. Sources tried: {Sources}. Suppressed messages of this kind: {Suppressed}")]
        public static partial void NotResolved(ILogger logger, string cause, string sources, int suppressed);
    }
}
