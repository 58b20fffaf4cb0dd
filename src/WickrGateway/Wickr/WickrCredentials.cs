using System.Diagnostics;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>
/// The gateway's AWS credentials, from AWS's default chain; asked for on every attempt, so that refreshed ones are used at once. The chain
/// itself refreshes them before they expire.
/// </summary>
internal sealed partial class WickrCredentials(ILogger<WickrCredentials> logger, TimeProvider time) : IDisposable
{
    public const string LookedIn = "environment, profile and SSO, web identity, container, instance metadata";

    /// <summary>How long the keys of a profile are used before its files are read again.</summary>
    private static readonly TimeSpan ProfileAge = TimeSpan.FromSeconds(5);

    /// <summary>Reading them takes a millisecond; one call waits this long for a disk that does not answer, and the next ones not at all.</summary>
    private static readonly TimeSpan ReadPatience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly LogThrottle _failures = new(time);
    private DefaultAWSCredentialsIdentityResolver _chain = new();
    private AWSCredentials? _source;
    private long _lastRead;
    private Task<AWSCredentials?> _reading = Task.FromResult<AWSCredentials?>(null);
    private Task<ImmutableCredentials?> _search = Task.FromResult<ImmutableCredentials?>(null);

    /// <summary>When those in use end; null for those that do not.</summary>
    public DateTimeOffset? Expiration => _source?.Expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : null;

    /// <summary>
    /// Null when there are none to be had. Calls that come while a search is under way share it: after a failure the chain would let
    /// them search one after the other, each with its own time-out.
    /// </summary>
    public Task<ImmutableCredentials?> GetAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_search.IsCompleted)
                _search = SearchAsync();

            return _search.IsCompleted ? _search : _search.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Makes the next search fetch new ones, unless others have been fetched since these were: a hundred calls that fail with the same
    /// expired token are one refresh.
    /// </summary>
    public async Task InvalidateAsync(ImmutableCredentials refused, CancellationToken cancellation)
    {
        if (await GetAsync(cancellation) is { } current && current.AccessKey == refused.AccessKey && current.SecretKey == refused.SecretKey && current.Token == refused.Token)
        {
            lock (_gate)
                Forget();
        }
    }

    public void Dispose() => _chain.Dispose();

    private void Forget()
    {
        if (!_search.IsCompleted)
            return;

        if (_source is RefreshingAWSCredentials refreshing)
        {
            refreshing.ClearCredentials();
            return;
        }

        // Those that do not refresh themselves may have been replaced where they came from.
        BeginAnew();
    }

    /// <summary>A new chain has nothing cached.</summary>
    private void BeginAnew()
    {
        _source = null;
        _chain.Dispose();
        _chain = new DefaultAWSCredentialsIdentityResolver();
    }

    private async Task<ImmutableCredentials?> SearchAsync()
    {
        // The search is for all calls, and nothing of the first one's trace is to leave for AWS with it.
        Activity.Current = null;
        try
        {
            if (_source is null)
            {
                // The chain walks its places synchronously, and instance metadata may take its time to be not there.
                _source = await Task.Run(() => _chain.ResolveIdentityAsync(clientConfig: null));
                _lastRead = time.GetTimestamp();
            }

            if (_source is BasicAWSCredentials or SessionAWSCredentials)
                _source = await LatestAsync(_source);

            return await _source.GetCredentialsAsync();
        }
        catch (Exception nothing)
        {
            // Whatever it was, without credentials nothing is sent. The type only: what the chain says of its tries can repeat what it found in files and variables.
            if (_failures.TryAcquire(out var suppressed))
                Log.None(logger, nothing.GetType().Name, LookedIn, suppressed);

            // A role keeps the keys that it was first taken on with; where those were replaced only a new chain finds the new ones.
            BeginAnew();
            return null;
        }
    }

    /// <summary>
    /// Keys that stand in a profile are replaced in its files, in a container by swapping a link, of which no watcher hears. While the files
    /// give none, or do not answer, those that are known go on: whether they still count is for AWS to say.
    /// </summary>
    private async Task<AWSCredentials> LatestAsync(AWSCredentials known)
    {
        if (!_reading.IsCompleted || time.GetElapsedTime(_lastRead) < ProfileAge)
            return known;

        _lastRead = time.GetTimestamp();
        _reading = Task.Run(ReadProfile);
        try
        {
            return await _reading.WaitAsync(ReadPatience, time) ?? known;
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
        [LoggerMessage(LogLevel.Error, "No AWS credentials can be had ({Cause}), so Wickr cannot be asked. Every caller gets wickr-denied until it is mended. Looked in: {Places}. Searches not told since the last line like this: {Suppressed}")]
        public static partial void None(ILogger logger, string cause, string places, int suppressed);
    }
}
