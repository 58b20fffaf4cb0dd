using System.Collections.Frozen;
using Amazon;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using WickrGateway.Configuration;

namespace WickrGateway.Wickr;

/// <summary>Wickr's URL: by AWS's rule for the host (endpoint rule set of the Wickr Admin API), or as configured.</summary>
internal static class WickrEndpoint
{
    private static readonly string[] RegionKeys = ["Wickr:Region", "AWS_REGION", "AWS_DEFAULT_REGION"];
    private static readonly string[] EndpointKeys = ["Wickr:Endpoint", "AWS_ENDPOINT_URL_WICKR", "AWS_ENDPOINT_URL"];
    private static readonly Uri Invalid = new("https://invalid./");

    /// <summary>Taken once, because the SDK adds every region to its list that one of its clients is made for.</summary>
    private static readonly FrozenSet<string> KnownRegions = RegionEndpoint.EnumerableAllRegions.Select(region => region.SystemName).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the SDK's list of all partitions' regions has it. A region can be newer than the list, so another one is no error.</summary>
    public static bool IsKnownRegion(string region) => KnownRegions.Contains(region);

    /// <summary>Where the networks are that do not say otherwise; null when no region is given and <paramref name="isOptional"/>.</summary>
    public static WickrLocation? ReadDefault(SettingsReader settings, bool isOptional)
    {
        var region = settings.GetString(RegionKeys);
        if (region is null && !isOptional)
            settings.AddError("Wickr:Region", "is missing, and so are AWS_REGION and AWS_DEFAULT_REGION; set the region of the Wickr networks, such as us-east-1");

        var fips = settings.GetBool("Wickr:UseFips", defaultValue: false, fallback: "AWS_USE_FIPS_ENDPOINT");
        var dualStack = settings.GetBool("Wickr:UseDualStack", defaultValue: false, fallback: "AWS_USE_DUALSTACK_ENDPOINT");
        return region is null && isOptional ? null : Locate(settings, "Wickr", region ?? "", settings.GetString(EndpointKeys), fips, dualStack);
    }

    /// <summary>Where a network is. What it does not set itself comes from the settings of all.</summary>
    /// <param name="section">Such as <c>Wickr:Networks:12345678</c>.</param>
    public static WickrLocation ReadNetwork(SettingsReader settings, string section)
    {
        var region = settings.GetString([$"{section}:Region", .. RegionKeys]);
        if (region is null)
            settings.AddError($"{section}:Region", "is missing, and so is Wickr:Region");

        return Locate(
            settings,
            section,
            region ?? "",
            settings.GetString([$"{section}:Endpoint", .. EndpointKeys]),
            settings.GetBool($"{section}:UseFips", settings.GetBool("Wickr:UseFips", defaultValue: false, fallback: "AWS_USE_FIPS_ENDPOINT")),
            settings.GetBool($"{section}:UseDualStack", settings.GetBool("Wickr:UseDualStack", defaultValue: false, fallback: "AWS_USE_DUALSTACK_ENDPOINT")));
    }

    /// <param name="section">Whose settings these are; what a network inherits is named under <c>Wickr</c>, where it is set.</param>
    private static WickrLocation Locate(SettingsReader settings, string section, string region, string? configured, bool fips, bool dualStack)
    {
        if (region.Length > 0 && !IsRegion(region))
            settings.AddError($"{Owner(settings, section, "Region")}:Region", "must be the name of an AWS region, such as us-east-1");

        var endpoint = configured is not null ? ParseConfigured(settings, Owner(settings, section, "Endpoint"), configured)
            : IsRegion(region) ? ByRule(settings, section, region, fips, dualStack)
            : Invalid;
        return new WickrLocation(region, endpoint, fips, dualStack);
    }

    private static string Owner(SettingsReader settings, string section, string name) => settings.GetString($"{section}:{name}") is null ? "Wickr" : section;

    private static Uri ParseConfigured(SettingsReader settings, string section, string configured)
    {
        if (Uri.TryCreate(configured, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0)
        {
            return uri;
        }

        settings.AddError($"{section}:Endpoint", "(or AWS_ENDPOINT_URL_WICKR, AWS_ENDPOINT_URL) must be an http or https URL without user, query and fragment");
        return Invalid;
    }

    /// <summary>The suffixes, and what each partition supports, come from AWS's own table in the SDK.</summary>
    private static Uri ByRule(SettingsReader settings, string section, string region, bool fips, bool dualStack)
    {
        var partition = Fn.Partition(region);
        if (fips && !partition.supportsFIPS)
            settings.AddError($"{section}:UseFips", $"the partition of {region} has no FIPS endpoints");

        if (dualStack && !partition.supportsDualStack)
            settings.AddError($"{section}:UseDualStack", $"the partition of {region} has no dual-stack endpoints");

        var service = fips ? "admin.wickr-fips" : "admin.wickr";
        var suffix = dualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        return new Uri($"https://{service}.{region}.{suffix}");
    }

    /// <summary>The region becomes a label of a host name, so it must be exactly one.</summary>
    private static bool IsRegion(string region) =>
        region.Length <= 40 && region.Contains('-', StringComparison.Ordinal) && Fn.IsValidHostLabel(region, false) && !region.Any(char.IsAsciiLetterUpper);
}
