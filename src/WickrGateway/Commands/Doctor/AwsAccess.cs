using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using WickrGateway.Wickr;

namespace WickrGateway.Commands.Doctor;

/// <summary>The parts with which the gateway itself reaches AWS, without its logs.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the process, and checks that hang still use it.")]
internal sealed class AwsAccess
{
    /// <summary>What CloudTrail shows of the doctor's own requests, unless callers are not shown either.</summary>
    private const string SessionName = "wickr-gateway-doctor";

    private readonly WickrOptions _options;
    private readonly WickrCredentials _own;
    private readonly RoleSessions _sessions;

    public AwsAccess(WickrOptions options)
    {
        _options = options;
        Connector = new WickrConnector(options, Dns.GetHostAddresses);
        var http = new AwsHttpClient(options, Connector);
        _own = new WickrCredentials(http, NullLogger<WickrCredentials>.Instance, TimeProvider.System);
        Sts = new SecurityTokenService(options, _own, http, TimeProvider.System, NullLogger<SecurityTokenService>.Instance);
        _sessions = new RoleSessions(Sts.AssumeRoleAsync, options.Roles.Duration, TimeProvider.System);
        Credentials = new SigningCredentials(_own, _sessions);
    }

    public WickrConnector Connector { get; }

    public SecurityTokenService Sts { get; }

    public SigningCredentials Credentials { get; }

    /// <summary>Null for a network without a role.</summary>
    public RoleSessionKey? SessionOf(NetworkSettings network) => network.Role is { } role ? RoleSessionKey.Create(role, network.Location, _options.Roles.Attribution, SessionName) : null;

    /// <summary>The session is kept, so that a role is assumed once.</summary>
    public Task<RoleCredentials> AssumeAsync(RoleSessionKey session, CancellationToken cancellation) => _sessions.GetAsync(session, cancellation);
}
