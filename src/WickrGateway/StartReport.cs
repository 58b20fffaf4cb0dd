using System.Globalization;
using System.Text;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Limits;
using WickrGateway.Policy;
using WickrGateway.Wickr;

namespace WickrGateway;

/// <summary>Logs at the start which settings are in force, and warns about those that are valid but hardly meant. No line has a secret.</summary>
internal static partial class StartReport
{
    /// <summary>The <c>source</c> of the lines.</summary>
    private const string Source = "WickrGateway.Start";

    private const int MaxNames = 10;

    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy"];

    public static void Write(IServiceProvider services)
    {
        var settings = services.GetRequiredService<GatewaySettings>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(Source);
        var (wickr, rates, callers) = (settings.Wickr, settings.RateLimit, settings.Callers);
        LogSettings(
            logger, wickr.Default?.Location.Region ?? "none", wickr.Default is { } all ? Authority(all.Location.Endpoint) : "none", DescribeNetworks(wickr), wickr.Proxy is { } proxy ? Authority(proxy) : "none", callers.All.Count, settings.Bearer.IsEnabled ? "on" : "off", settings.Audit.Path ?? "none",
            $"{rates.PermitsPerSecond}/s for each caller with a burst of {rates.Burst}, {rates.FailuresPerMinute} failed authentications/min for each address, {wickr.MaxConcurrency} calls at once and {wickr.QueueLimit} waiting, {Describe(settings.Policy)}, {Describe(settings.LimitStore)}");

        if (List([.. wickr.Locations.Select(location => location.Region).Where(region => !WickrEndpoint.IsKnownRegion(region)).Distinct(StringComparer.Ordinal)]) is { Length: > 0 } unknown)
            LogUnknownRegion(logger, unknown);

        if (wickr.Locations.Select(location => location.Endpoint).Append(wickr.Roles.StsEndpoint).Any(endpoint => endpoint?.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback))
            LogPlainHttp(logger);

        if (wickr.Proxy is null && ProxyVariables.Any(variable => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))))
            LogIgnoredProxy(logger);

        if (Names(callers.FindLockedOut(settings.Bearer.IsEnabled)) is { Length: > 0 } lockedOut)
            LogCannotAuthenticate(logger, lockedOut);

        if (Names(callers.All.Where(caller => !caller.HasGrant)) is { Length: > 0 } powerless)
            LogNoGrant(logger, powerless);

        if (KnownSections.FindUnknownVariables() is { Count: > 0 } variables)
            LogUnknownVariables(logger, List(variables));
    }

    private static string Authority(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static string DescribeNetworks(WickrOptions wickr) => string.Create(
        CultureInfo.InvariantCulture,
        $"{wickr.Networks.Count} networks with settings of their own, {wickr.Networks.Values.Append(wickr.Default).Select(network => network?.Role).OfType<RoleOptions>().Distinct().Count()} roles");

    private static string Describe(ChangePolicy policy) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Describe(policy.PerCaller)} suspended users for each caller and {Describe(policy.PerNetwork)} for each network within {policy.Window}, {policy.Networks.Values.Sum(network => network.ProtectedUserIds.Count)} protected users");

    private static string Describe(LimitStoreOptions store) => store.IsShared ? $"rates and suspended users counted for all replicas in {store.Endpoints} under {store.KeyPrefix}" : "all counted by each replica";

    private static string Describe(int limit) => limit == 0 ? "any number of" : limit.ToString(CultureInfo.InvariantCulture);

    private static string Names(IEnumerable<Caller> callers) => List([.. callers.Select(caller => caller.Name).Order(StringComparer.Ordinal)]);

    /// <summary>The first names, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        var text = new StringBuilder().AppendJoin(", ", names.Take(MaxNames));
        if (names.Count > MaxNames)
            text.Append(" and ").Append(names.Count - MaxNames).Append(" more");

        return text.ToString();
    }

    [LoggerMessage(LogLevel.Information, "Settings in force: region {Region}, endpoint {Endpoint}, {Networks}, proxy {Proxy}, {Callers} callers, tokens {Tokens}, audit file {AuditFile}. Limits: {Limits}")]
    private static partial void LogSettings(ILogger logger, string region, string endpoint, string networks, string proxy, int callers, string tokens, string auditFile, string limits);

    [LoggerMessage(LogLevel.Warning, "HTTPS_PROXY is set, and the gateway does not use it for Wickr and STS. If they can only be reached through a proxy, set Wickr:Proxy")]
    private static partial void LogIgnoredProxy(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "AWS's list of regions has no {Region}. If it is misspelt, all calls will fail: correct Wickr:Region. If it is newer than this program, or a simulator's, ignore this")]
    private static partial void LogUnknownRegion(ILogger logger, string region);

    [LoggerMessage(LogLevel.Warning, "Wickr:Endpoint, one of a network or AWS_ENDPOINT_URL_STS is http and not on this host: anyone on the way can read requests and session keys and change results. Use https, except for a simulator")]
    private static partial void LogPlainHttp(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "These callers can never authenticate, so all their requests will get 401 or 403: {Names}. Give each an ApiKeySha256, or Subjects with tokens configured, or remove it")]
    private static partial void LogCannotAuthenticate(ILogger logger, string names);

    [LoggerMessage(LogLevel.Warning, "These callers have no grant, so all their requests will get 403: {Names}. Give each Networks and Actions, or remove it")]
    private static partial void LogNoGrant(ILogger logger, string names);

    [LoggerMessage(LogLevel.Warning, "These environment variables look like settings, but no section has that name, so they are ignored: {Names}. Correct the names if they are meant for the gateway")]
    private static partial void LogUnknownVariables(ILogger logger, string names);
}
