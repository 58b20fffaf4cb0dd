using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>What a request is signed with: the gateway's own credentials, or those of a role's session.</summary>
internal sealed class SigningCredentials(WickrCredentials own, RoleSessions sessions)
{
    /// <param name="session">Null for the gateway's own.</param>
    /// <returns>When there are none, or the time runs out before they are there, how the attempt ended.</returns>
    public async ValueTask<(ImmutableCredentials? Credentials, AttemptStatus Missing)> GetAsync(RoleSessionKey? session, CancellationToken cancellation)
    {
        try
        {
            if (session is null)
                return (await own.GetAsync(cancellation), AttemptStatus.NoCredentials);

            var role = await sessions.GetAsync(session, cancellation);
            return (role.Credentials, role.Failure);
        }
        catch (OperationCanceledException)
        {
            return (null, session is null ? AttemptStatus.NoCredentials : AttemptStatus.StsUnreachable);
        }
    }

    /// <summary>AWS refused them as expired. False when the time ran out first.</summary>
    public async ValueTask<bool> InvalidateAsync(RoleSessionKey? session, ImmutableCredentials refused, CancellationToken cancellation)
    {
        if (session is not null)
        {
            sessions.Invalidate(session, refused);
            return true;
        }

        try
        {
            await own.InvalidateAsync(refused, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
