using System.Diagnostics;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>
/// The gateway's AWS credentials, from AWS's default chain. Every attempt resolves them anew, so that refreshed ones are used at once; the
/// chain itself refreshes them before they expire.
/// </summary>
internal sealed partial class WickrCredentials(ILogger<WickrCredentials> logger, TimeProvider time) : IDisposable
{
    public const string Sources = "environment, profile and SSO, web identity, container, instance metadata";

    /// <summary>How long the keys of a profile are used before its file is read again.</summary>
    private static readonly TimeSpan ProfileMaxAge = TimeSpan.FromSeconds(5);

    /// <summary>Reading takes a millisecond. When a disk hangs one call waits this long, and the next ones do not wait.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly LogThrottle _failures = new(time);
    private DefaultAWSCredentialsIdentityResolver _chain = new();
    private AWSCredentials? _source;
    private long _lastRead;
    private Task<AWSCredentials?> _reading = Task.FromResult<AWSCredentials?>(null);
    private Task<ImmutableCredentials?> _resolution = Task.FromResult<ImmutableCredentials?>(null);

    /// <summary>When the credentials in use expire; null for those that do not.</summary>
    public DateTimeOffset? Expiration => _source?.Expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : null;

    /// <summary>
    /// Null when they cannot be resolved. Calls that come while a resolution is under way share it: after a failure the chain would let
    /// them try one after the other, each with its own time-out.
    /// </summary>
    public Task<ImmutableCredentials?> GetAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_resolution.IsCompleted)
                _resolution = ResolveAsync();

            return _resolution.IsCompleted ? _resolution : _resolution.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Makes the next resolution fetch new ones, unless they have been replaced already: a hundred calls that fail with the same expired
    /// token cause one refresh.
    /// </summary>
    public async Task InvalidateAsync(ImmutableCredentials refused, CancellationToken cancellation)
    {
        if (await GetAsync(cancellation) is { } current && current.AccessKey == refused.AccessKey && current.SecretKey == refused.SecretKey && current.Token == refused.Token)
        {
            lock (_gate)
                Invalidate();
        }
    }

    public void Dispose() => _chain.Dispose();

    private void Invalidate()
    {
        if (!_resolution.IsCompleted)
            return;

        if (_source is RefreshingAWSCredentials refreshing)
        {
            refreshing.ClearCredentials();
            return;
        }

        // Those that do not refresh themselves may have been replaced at their source.
        ResetChain();
    }

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
            if (_source is null)
            {
                // The chain tries its sources synchronously, and a missing instance metadata service takes its time.
                _source = await Task.Run(() => _chain.ResolveIdentityAsync(clientConfig: null));
                _lastRead = time.GetTimestamp();
            }

            if (_source is BasicAWSCredentials or SessionAWSCredentials)
                _source = await ReloadProfileAsync(_source);

            return await _source.GetCredentialsAsync();
        }
        catch (Exception failure)
        {
            // Without credentials nothing is sent, whatever the reason. The type only: the chain's texts can repeat what it found in files and variables.
            if (_failures.TryAcquire(out var suppressed))
                Log.NotResolved(logger, failure.GetType().Name, Sources, suppressed);

            // An assumed role keeps the keys that it was first assumed with; where those were replaced only a new chain finds the new ones.
            ResetChain();
            return null;
        }
    }

    /// <summary>
    /// Keys in a profile are replaced in its file; in a container that is done by swapping a link, which file watchers miss. While the file
    /// has none or cannot be read, the known keys stay in use: AWS decides whether they are still valid.
    /// </summary>
    private async Task<AWSCredentials> ReloadProfileAsync(AWSCredentials known)
    {
        if (!_reading.IsCompleted || time.GetElapsedTime(_lastRead) < ProfileMaxAge)
            return known;

        _lastRead = time.GetTimestamp();
        _reading = Task.Run(ReadProfile);
        try
        {
            return await _reading.WaitAsync(ReadTimeout, time) ?? known;
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

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The AWS credentials could not be resolved ({Cause}), so nothing can be sent to Wickr. Every caller gets wickr-denied until this is fixed. Sources tried: {Sources}. Suppressed messages of this kind: {Suppressed}")]
        public static partial void NotResolved(ILogger logger, string cause, string sources, int suppressed);
    }
}
