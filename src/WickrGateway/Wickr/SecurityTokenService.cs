using System.Diagnostics;
using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using WickrGateway.Observability;

namespace WickrGateway.Wickr;

/// <summary>Asks AWS's STS for sessions: in the network's region, once, and not for long. It throws nothing.</summary>
/// <remarks>Not by the SDK's <c>AssumeRoleAWSCredentials</c>: it has no region of its own, and after a failure those that wait try again one after the other.</remarks>
internal sealed partial class SecurityTokenService(WickrOptions options, WickrCredentials own, AwsHttpClient http, TimeProvider time, ILogger<SecurityTokenService> logger)
{
    /// <summary>
    /// Not the time of an attempt, which may be far shorter: a call that cannot wait any longer ends, and the next one finds the session.
    /// Otherwise a slow first request, as on a busy machine, would be a failure that all calls share.
    /// </summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly LogThrottleSet<(string Role, string Cause)> _failures = new(time);

    public async Task<RoleCredentials> AssumeRoleAsync(RoleSessionKey key)
    {
        // The request is shared by all calls that wait, so the trace of the first one must not be sent to AWS with it.
        Activity.Current = null;
        if (await own.GetAsync(CancellationToken.None) is not { } credentials)
            return RoleCredentials.Failed(AttemptStatus.NoCredentials);

        try
        {
            return await AssumeRoleAsync(key, credentials);
        }
        catch (AmazonServiceException expired) when (expired.ErrorCode is "ExpiredToken" or "ExpiredTokenException")
        {
            await own.InvalidateAsync(credentials, CancellationToken.None);
            return await TryAgainAsync(key);
        }
        catch (Exception failure)
        {
            return Fail(key, failure);
        }
    }

    private async Task<RoleCredentials> TryAgainAsync(RoleSessionKey key)
    {
        try
        {
            return await own.GetAsync(CancellationToken.None) is { } renewed ? await AssumeRoleAsync(key, renewed) : RoleCredentials.Failed(AttemptStatus.NoCredentials);
        }
        catch (Exception failure)
        {
            return Fail(key, failure);
        }
    }

    private async Task<RoleCredentials> AssumeRoleAsync(RoleSessionKey key, ImmutableCredentials credentials)
    {
        using var client = CreateClient(key.Location, credentials);
        using var timeout = new CancellationTokenSource(Timeout, time);
        var request = new AssumeRoleRequest
        {
            RoleArn = key.Role.Arn,
            RoleSessionName = key.SessionName,
            ExternalId = key.Role.ExternalId,
            SourceIdentity = key.SourceIdentity,
            DurationSeconds = (int)options.Roles.Duration.TotalSeconds,
        };
        var session = (await client.AssumeRoleAsync(request, timeout.Token)).Credentials;
        return new RoleCredentials(new ImmutableCredentials(session.AccessKeyId, session.SecretAccessKey, session.SessionToken), new DateTimeOffset(session.Expiration!.Value.ToUniversalTime()), AttemptStatus.Accepted);
    }

    /// <summary>Whose the gateway's own credentials are. No call needs it.</summary>
    public async Task<CallerIdentity> GetCallerIdentityAsync(WickrLocation location)
    {
        if (await own.GetAsync(CancellationToken.None) is not { } credentials)
            return CallerIdentity.Failed(AttemptStatus.NoCredentials, cause: null);

        try
        {
            using var client = CreateClient(location, credentials);
            using var timeout = new CancellationTokenSource(Timeout, time);
            var identity = await client.GetCallerIdentityAsync(new GetCallerIdentityRequest(), timeout.Token);
            return new CallerIdentity(identity.Arn, AttemptStatus.Accepted, Cause: null);
        }
        catch (Exception failure)
        {
            var (status, cause) = Classify(failure);
            return CallerIdentity.Failed(status, cause);
        }
    }

    private AmazonSecurityTokenServiceClient CreateClient(WickrLocation location, ImmutableCredentials credentials) => new(
        credentials.UseToken
            ? new SessionAWSCredentials(credentials.AccessKey, credentials.SecretKey, credentials.Token)
            : new BasicAWSCredentials(credentials.AccessKey, credentials.SecretKey),
        Configuration(location));

    private AmazonSecurityTokenServiceConfig Configuration(WickrLocation location)
    {
        var configuration = new AmazonSecurityTokenServiceConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(location.Region),
            UseFIPSEndpoint = location.UseFips,
            UseDualstackEndpoint = location.UseDualStack,
            MaxErrorRetry = 0,
            HttpClientFactory = http,
        };
        if (options.Roles.StsEndpoint is { } endpoint)
        {
            configuration.ServiceURL = endpoint.AbsoluteUri;
            configuration.AuthenticationRegion = location.Region;
        }

        return configuration;
    }

    private RoleCredentials Fail(RoleSessionKey key, Exception failure)
    {
        var (status, cause) = Classify(failure);
        if (_failures.TryAcquire((key.Role.Arn, cause), out var suppressed))
        {
            if (status == AttemptStatus.RoleRefused)
                Log.Refused(logger, key.Role.Arn, key.Location.Region, cause, suppressed);
            else
                Log.Unreachable(logger, key.Role.Arn, key.Location.Region, cause, suppressed);
        }

        return RoleCredentials.Failed(status) with { Cause = cause };
    }

    private static (AttemptStatus Status, string Cause) Classify(Exception failure)
    {
        var refusal = failure as AmazonServiceException;
        var isRefused = refusal is { StatusCode: >= System.Net.HttpStatusCode.BadRequest and < System.Net.HttpStatusCode.InternalServerError };
        return (isRefused ? AttemptStatus.RoleRefused : AttemptStatus.StsUnreachable, refusal is { ErrorCode.Length: > 0 } ? refusal.ErrorCode : failure.GetType().Name);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "AWS refused to let the gateway assume {Role} in {Region} ({Cause}). Callers of its networks get wickr-denied. Check the role's trust policy, its external id, and the permission of the gateway's own role to assume it. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Refused(ILogger logger, string role, string region, string cause, int suppressed);

        [LoggerMessage(LogLevel.Error, "STS in {Region} could not be reached or failed ({Cause}), so {Role} could not be assumed. Callers of its networks get wickr-unreachable, those with a session that still lasts excepted. Check DNS, routes, firewall, Wickr:Proxy and AWS's health page for STS. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Unreachable(ILogger logger, string role, string region, string cause, int suppressed);
    }
}

/// <summary>Whose credentials these are, or why that is not known.</summary>
/// <param name="Arn">Of a user or a role's session; null when it is not known.</param>
/// <param name="Failure">How the question ended without an identity.</param>
/// <param name="Cause">AWS's code or the type of the exception.</param>
internal sealed record CallerIdentity(string? Arn, AttemptStatus Failure, string? Cause)
{
    public static CallerIdentity Failed(AttemptStatus failure, string? cause) => new(null, failure, cause);
}
