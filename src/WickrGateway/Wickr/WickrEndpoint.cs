using Amazon;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using WickrGateway.Configuration;

namespace WickrGateway.Wickr;

/// <summary>Wickr's URL: by AWS's rule for the host (endpoint rule set of the Wickr Admin API), or as configured.</summary>
internal static class WickrEndpoint
{
    private static readonly Uri Invalid = new("https://invalid./");

    public static string ReadRegion(SettingsReader settings)
    {
        var region = settings.GetString("Wickr:Region", "AWS_REGION", "AWS_DEFAULT_REGION");
        if (region is null)
            settings.AddError("Wickr:Region", "is missing, and so are AWS_REGION and AWS_DEFAULT_REGION; set the region of the Wickr networks, such as us-east-1");
        else if (!IsRegion(region))
            settings.AddError("Wickr:Region", "must be the name of an AWS region, such as us-east-1");

        return region ?? "";
    }

    /// <summary>Whether the SDK's list of all partitions' regions has it. A region can be newer than the list, so another one is no error.</summary>
    public static bool IsKnownRegion(string region) => RegionEndpoint.EnumerableAllRegions.Any(known => known.SystemName == region);

    public static Uri Read(SettingsReader settings, string region)
    {
        var fips = settings.GetBool("Wickr:UseFips", defaultValue: false, fallback: "AWS_USE_FIPS_ENDPOINT");
        var dualStack = settings.GetBool("Wickr:UseDualStack", defaultValue: false, fallback: "AWS_USE_DUALSTACK_ENDPOINT");
        if (settings.GetString("Wickr:Endpoint", "AWS_ENDPOINT_URL_WICKR", "AWS_ENDPOINT_URL") is { } configured)
            return ParseConfigured(settings, configured);

        return IsRegion(region) ? ByRule(settings, region, fips, dualStack) : Invalid;
    }

    private static Uri ParseConfigured(SettingsReader settings, string configured)
    {
        if (Uri.TryCreate(configured, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0)
        {
            return uri;
        }

        settings.AddError("Wickr:Endpoint", "(or AWS_ENDPOINT_URL_WICKR, AWS_ENDPOINT_URL) must be an http or https URL without user, query and fragment");
        return Invalid;
    }

    /// <summary>The suffixes, and what each partition supports, come from AWS's own table in the SDK.</summary>
    private static Uri ByRule(SettingsReader settings, string region, bool fips, bool dualStack)
    {
        var partition = Fn.Partition(region);
        if (fips && !partition.supportsFIPS)
            settings.AddError("Wickr:UseFips", $"the partition of {region} has no FIPS endpoints");

        if (dualStack && !partition.supportsDualStack)
            settings.AddError("Wickr:UseDualStack", $"the partition of {region} has no dual-stack endpoints");

        var service = fips ? "admin.wickr-fips" : "admin.wickr";
        var suffix = dualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        return new Uri($"https://{service}.{region}.{suffix}");
    }

    /// <summary>The region becomes a label of a host name, so it must be exactly one.</summary>
    private static bool IsRegion(string region) =>
        region.Length <= 40 && region.Contains('-', StringComparison.Ordinal) && Fn.IsValidHostLabel(region, false) && !region.Any(char.IsAsciiLetterUpper);
}
