using WickrGateway.Configuration;

namespace WickrGateway.Wickr;

/// <summary>What CloudTrail shows about the caller of a request.</summary>
internal enum Attribution
{
    /// <summary>Nothing: all sessions have the gateway's name.</summary>
    None,

    /// <summary>The session's name is the caller's.</summary>
    SessionName,

    /// <summary>Also the source identity, which stays through further roles; the trust policy must allow <c>sts:SetSourceIdentity</c>.</summary>
    SourceIdentity,
}

/// <summary>How roles are assumed.</summary>
/// <param name="Duration">Of a session; 15 minutes to 1 hour, because role chaining allows no more.</param>
/// <param name="StsEndpoint">In place of AWS's regional ones.</param>
internal sealed record RoleSessionOptions(TimeSpan Duration, Attribution Attribution, Uri? StsEndpoint)
{
    public static RoleSessionOptions Read(SettingsReader settings) => new(
        settings.GetDuration("Wickr:RoleDuration", defaultValue: TimeSpan.FromHours(1), min: TimeSpan.FromMinutes(15), max: TimeSpan.FromHours(1)),
        settings.GetEnum("Wickr:Attribution", Attribution.SessionName),
        settings.GetUrl("AWS_ENDPOINT_URL_STS"));
}
