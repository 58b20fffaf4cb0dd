using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

namespace WickrGateway.Commands.Doctor;

/// <summary>Settings that are valid but hardly meant.</summary>
internal static class SettingsCheck
{
    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy"];

    public static CheckResult Check(GatewaySettings settings)
    {
        if (OpenFileLimit.FindShortage(OpenFileLimit.Read()) is { } shortage)
            return CheckResult.Fail("valid, but the gateway cannot start here", shortage);

        if (KnownSections.FindUnknownVariables() is { Count: > 0 } variables)
            return CheckResult.Warn($"valid, but these environment variables look like settings and are ignored: {StartReport.List(variables)}", "Correct their names if they are meant for the gateway");

        if (settings.Wickr.Proxy is null && ProxyVariables.Any(variable => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))))
            return CheckResult.Warn("valid, but HTTPS_PROXY is set, which the gateway does not use", "If Wickr and STS can only be reached through a proxy, set Wickr:Proxy");

        return CheckResult.Pass("valid");
    }

    public static CheckResult CheckCallers(GatewaySettings settings)
    {
        var callers = settings.Callers;
        var lockedOut = Names(callers.FindLockedOut(settings.Bearer.IsEnabled));
        var powerless = Names(callers.All.Where(caller => !caller.HasGrant));
        if (lockedOut.Count + powerless.Count == 0)
            return CheckResult.Pass($"{callers.All.Count} configured, each with a credential and a grant");

        List<string> details = [];
        if (lockedOut.Count > 0)
            details.Add($"without a credential, so that all their requests get 401 or 403: {StartReport.List(lockedOut)}");

        if (powerless.Count > 0)
            details.Add($"without a grant, so that all their requests get 403: {StartReport.List(powerless)}");

        return CheckResult.Warn($"{callers.All.Count} configured, some of which can do nothing", "Give each an ApiKeySha256, or Subjects with tokens configured, and Networks and Actions; or remove it") with { Details = details };
    }

    private static List<string> Names(IEnumerable<Caller> callers) => [.. callers.Select(caller => caller.Name).Order(StringComparer.Ordinal)];
}
