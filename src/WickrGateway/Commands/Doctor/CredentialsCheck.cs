using WickrGateway.Wickr;

namespace WickrGateway.Commands.Doctor;

/// <summary>The gateway's own AWS credentials, and whose they are.</summary>
internal static class CredentialsCheck
{
    /// <summary>The chain tries its sources one after the other. Within it STS has 3 s.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(9);

    public static Check AddTo(Examination examination, WickrOptions options, AwsAccess access)
    {
        var location = options.Default?.Location ?? options.Locations[0];
        return examination.Add("credentials", subject: null, async stop =>
        {
            try
            {
                return Describe(await access.Sts.GetCallerIdentityAsync(location).WaitAsync(Timeout, stop), location);
            }
            catch (TimeoutException)
            {
                return CheckResult.Fail(
                    $"their source did not respond within {Timeout.TotalSeconds:0} s",
                    "Look at the source that the process is to use: for instance metadata the hop limit (2 for containers), else its address and routes; AWS_EC2_METADATA_DISABLED=true where there is none");
            }
        });
    }

    private static CheckResult Describe(CallerIdentity identity, WickrLocation location) => identity.Failure switch
    {
        AttemptStatus.Accepted => CheckResult.Pass($"{AwsText.Clean(identity.Arn)}, says STS in {location.Region}"),
        AttemptStatus.NoCredentials => CheckResult.Fail(
            $"no AWS credentials could be resolved; sources tried: {WickrCredentials.Sources}",
            "Give the process a role (IRSA, EKS Pod Identity, ECS, instance profile) or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in a pod look at its service account"),
        // A policy of a VPC endpoint can refuse the question alone.
        AttemptStatus.RoleRefused when identity.Cause is "AccessDenied" or "AccessDeniedException" => CheckResult.Warn(
            $"resolved, but STS in {location.Region} does not say whose they are ({identity.Cause})", "Check the policy of the VPC endpoint for STS; the gateway needs STS for roles only"),
        AttemptStatus.RoleRefused => CheckResult.Fail(
            $"resolved, but STS in {location.Region} refuses them ({AwsText.Clean(identity.Cause)})", AwsText.RemedyFor(identity.Cause)),
        _ => CheckResult.Warn(
            $"resolved, but STS in {location.Region} could not say whose they are: {AwsText.DescribeFailure(identity.Cause)}",
            "The gateway needs STS for roles only. If it has some, check the way there: DNS, routes, firewall, Wickr:Proxy, AWS_ENDPOINT_URL_STS, VPC endpoint"),
    };
}

/// <summary>The role of networks, assumed as for a call.</summary>
internal static class RoleCheck
{
    public static Check AddTo(Examination examination, RoleSessionKey session, AwsAccess access, Check credentials) => examination.Add(
        "role", $"{session.Role.Arn} in {session.Location.Region}", async stop => Describe(await access.AssumeAsync(session, stop), session), credentials);

    private static CheckResult Describe(RoleCredentials role, RoleSessionKey session) => role.Failure switch
    {
        AttemptStatus.Accepted => CheckResult.Pass($"assumed as {session.SessionName}, until {role.Expiration.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"),
        AttemptStatus.RoleRefused => CheckResult.Fail(
            $"STS refuses it ({AwsText.Clean(role.Cause)})",
            $"Check the role's trust policy (this gateway's credentials, its external id{(session.SourceIdentity is null ? "" : ", sts:SetSourceIdentity")}), and that the gateway's own role may assume it"),
        _ => CheckResult.Fail(
            $"STS in {session.Location.Region} could not be reached or failed: {AwsText.DescribeFailure(role.Cause)}",
            "Check the way to STS: DNS, routes, firewall, Wickr:Proxy, AWS_ENDPOINT_URL_STS, VPC endpoint, and AWS's health page"),
    };
}
