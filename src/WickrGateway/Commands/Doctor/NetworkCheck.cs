using Microsoft.Extensions.Logging.Abstractions;
using WickrGateway.Wickr;

namespace WickrGateway.Commands.Doctor;

/// <summary>Signature, permission and network by GetUsersCount, which only reads. The doctor never sends a change.</summary>
internal static class NetworkCheck
{
    private const string MadeUpNetwork = "00000000";
    private const string ReadPermission = "wickr:GetUsersCount";

    private static readonly WickrOperation GetUsersCount = new("GetUsersCount", HttpMethod.Get, "/networks/{networkId}/users/count", IsIdempotent: true);

    public static CheckResult Unknown { get; } = CheckResult.Fail("a caller's grant names it, but the settings do not say where it is: its callers get network-unknown", "Set Wickr:Region, or Wickr:Networks:{id}:Region");

    /// <param name="networkId">Null when the settings name none.</param>
    /// <param name="session">Null for the gateway's own credentials.</param>
    /// <param name="needs">The place, and the credentials or the role.</param>
    public static void AddTo(
        Examination examination, string? networkId, WickrLocation location, RoleSessionKey? session, WickrOptions options, AwsAccess access, params Check[] needs) => examination.Add(
            "network",
            networkId ?? "none named",
            async stop => Describe(await ReadAsync(networkId ?? MadeUpNetwork, location, session, options, access, stop), networkId, location, options),
            needs);

    /// <summary>As a call does it, with a second attempt where the clock can be corrected.</summary>
    private static async Task<AttemptResult> ReadAsync(string networkId, WickrLocation location, RoleSessionKey? session, WickrOptions options, AwsAccess access, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(options.AttemptTimeout);
        var clock = new WickrClock(TimeProvider.System, NullLogger<WickrClock>.Instance);
        using var transport = new WickrTransport(location, options, clock, access.Connector.ConnectAsync);
        var request = new WickrRequest(GetUsersCount, networkId, $"/networks/{networkId}/users/count", [], ClientToken: null);
        var (credentials, missing) = await access.Credentials.GetAsync(session, timeout.Token);
        if (credentials is null)
            return new AttemptResult(missing);

        var id = Guid.NewGuid();
        var result = await transport.SendAsync(request, new AttemptId(id, 1), credentials, timeout.Token);
        return clock.Correct(result) ? await transport.SendAsync(request, new AttemptId(id, 2), credentials, timeout.Token) : result;
    }

    private static CheckResult Describe(AttemptResult result, string? networkId, WickrLocation location, WickrOptions options)
    {
        var code = AwsText.Clean(result.Response?.ErrorType);
        return result.Status switch
        {
            AttemptStatus.Accepted or AttemptStatus.Rejected when networkId is null => SignatureOnly(),
            AttemptStatus.Accepted => CheckResult.Pass($"Wickr in {location.Region} accepts the signature and has the network"),
            AttemptStatus.AccessDenied when IsAboutPermission(result) => networkId is null ? SignatureOnly() : CheckResult.Warn(
                $"Wickr in {location.Region} accepts the signature; the network may not be read ({code}), which no call needs",
                $"Check that the policy allows wickr:BatchToggleUserSuspendStatus on this network. To have the network itself checked here, allow {ReadPermission} too"),
            AttemptStatus.AccessDenied => CheckResult.Fail($"Wickr in {location.Region} refuses the credentials or the signature ({code})", AwsText.RemedyFor(result.Response?.ErrorType)),
            AttemptStatus.Rejected when result.Response is { Status: 404, ErrorType: not null } => CheckResult.Fail(
                $"Wickr in {location.Region} accepts the signature, but has no such network in this account ({code})",
                "Check the id (aws wickr list-networks), the region, and whether another account has it: then set its Wickr:Networks:{id}:RoleArn"),
            AttemptStatus.Throttled => CheckResult.Warn($"Wickr in {location.Region} accepts no more requests just now ({code})", "Run the doctor again later"),
            AttemptStatus.ServerError => CheckResult.Fail($"Wickr in {location.Region} fails (status {result.Response?.Status}, {code})", "Look at AWS's health page for Wickr, and run the doctor again"),
            AttemptStatus.TimedOut => CheckResult.Fail($"no response within Wickr:AttemptTimeout ({options.AttemptTimeout})", "Raise Wickr:AttemptTimeout if it is short, and look for a proxy or firewall that holds requests"),
            AttemptStatus.ConnectFailed or AttemptStatus.ConnectionReset or AttemptStatus.ResponseTruncated => CheckResult.Fail("the connection broke", "Look for a proxy or firewall that closes connections"),
            AttemptStatus.NoCredentials or AttemptStatus.RoleRefused or AttemptStatus.StsUnreachable => CheckResult.Fail("there were no credentials to sign with in time", "Run the doctor again; if it stays, see the checks of credentials and roles"),
            _ => CheckResult.Fail($"a response that Wickr's API does not have (status {result.Response?.Status})", "Check Wickr:Endpoint and any proxy in between: it may not be Wickr"),
        };

        CheckResult SignatureOnly() => CheckResult.Warn(
            $"Wickr in {location.Region} accepts the signature; neither Wickr:Networks nor a grant names a network, so none was checked",
            $"To check one: {DoctorCommand.Name} --Wickr:Networks:YOUR_ID:Region={location.Region}");
    }

    /// <summary>IAM's refusal, or Wickr's own; both come after the signature was checked.</summary>
    private static bool IsAboutPermission(AttemptResult result) => result.Response is { Status: 403, ErrorType: "AccessDeniedException" or "AccessDenied" or "NotAuthorized" or "ForbiddenError" };
}
