using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace WickrGateway.Wickr;

/// <summary>The gateway's AWS credentials, from AWS's default chain; asked for on every attempt, so that refreshed ones are used at once.</summary>
internal sealed partial class WickrCredentials(ILogger<WickrCredentials> logger) : IDisposable
{
    private readonly DefaultAWSCredentialsIdentityResolver _chain = new();

    /// <summary>Null when there are none to be had.</summary>
    public async Task<ImmutableCredentials?> FindAsync(CancellationToken cancellation)
    {
        try
        {
            var credentials = await _chain.ResolveIdentityAsync(clientConfig: null, cancellation);
            return await credentials.GetCredentialsAsync().WaitAsync(cancellation);
        }
        catch (Exception nothing) when (nothing is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or InvalidOperationException)
        {
            // The type only: what the chain says of its tries can repeat what it found in files and variables.
            Log.None(logger, nothing.GetType().Name);
            return null;
        }
    }

    public void Dispose() => _chain.Dispose();

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "No AWS credentials can be had ({Cause}), so Wickr cannot be asked. Looked in: environment, profile and SSO, web identity, container, instance metadata")]
        public static partial void None(ILogger logger, string cause);
    }
}
