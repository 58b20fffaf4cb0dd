using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using WickrSimulator.Signing;
using WickrSimulator.Sts;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <param name="Networks">The number of users by network id; the users of a network are <c>"1"</c>, <c>"2"</c>, …</param>
/// <param name="Credentials">The credentials that may sign, by access key id.</param>
/// <param name="Regions">The regions that requests may be signed for.</param>
/// <param name="Roles">The roles that may be assumed.</param>
internal sealed partial record SimulatorOptions(FrozenDictionary<string, int> Networks, FrozenDictionary<string, SigningCredential> Credentials, IReadOnlyList<string> Regions, IReadOnlyList<Role> Roles)
{
    private const int MaxUsers = 1_000_000;

    /// <exception cref="SimulatorSettingsException">At least one setting is invalid; all errors are reported at once.</exception>
    public static SimulatorOptions Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        CheckUrls(configuration, errors);
        RejectUnknownKeys(configuration.GetSection("Simulator"), ["Networks", "Credentials", "Region", "Roles"], errors);
        var options = new SimulatorOptions(
            ReadNetworks(configuration.GetSection("Simulator:Networks"), errors),
            ReadCredentials(configuration.GetSection("Simulator:Credentials"), errors),
            ReadRegions(configuration["Simulator:Region"], errors),
            ReadRoles(configuration.GetSection("Simulator:Roles"), errors));
        return errors.Count == 0 ? options : throw new SimulatorSettingsException(errors);
    }

    // Otherwise a misspelled key would silently leave the default in place.
    private static void RejectUnknownKeys(IConfigurationSection section, string[] known, List<string> errors) => errors.AddRange(section.GetChildren()
        .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
        .Select(child => $"{child.Path}: unknown key; known keys are {string.Join(", ", known)}"));

    private static void CheckUrls(IConfiguration configuration, List<string> errors)
    {
        foreach (var url in configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            // Kestrel treats what it cannot parse as a host name and listens on port 80 of all addresses.
            var anyHost = url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal);
            if (!Uri.TryCreate(anyHost, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || address.PathAndQuery != "/" || address is { Host: "localhost", Port: 0 })
                errors.Add("urls: each must be an http:// address such as http://localhost:8081, or http://127.0.0.1:0 for any free port");
        }

        foreach (var port in configuration["HTTP_PORTS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                errors.Add("http_ports: each must be a port number");
        }
    }

    private static FrozenDictionary<string, int> ReadNetworks(IConfigurationSection section, List<string> errors)
    {
        var networks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var network in section.GetChildren())
        {
            if (!WickrRules.IsNetworkId(network.Key))
                errors.Add($"{network.Path}: a network id has exactly 8 digits");
            else if (int.TryParse(network.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var users) && users <= MaxUsers)
                networks.Add(network.Key, users);
            else
                errors.Add($"{network.Path}: must be the number of users, from 0 to {MaxUsers}");
        }

        if (networks.Count == 0 && errors.Count == 0)
            networks.Add(SimulatorDefaults.NetworkId, SimulatorDefaults.Users);

        return networks.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, SigningCredential> ReadCredentials(IConfigurationSection section, List<string> errors)
    {
        var credentials = new Dictionary<string, SigningCredential>(StringComparer.Ordinal);
        foreach (var entry in section.GetChildren())
        {
            RejectUnknownKeys(entry, ["AccessKeyId", "SecretAccessKey", "SessionToken"], errors);
            if (entry["AccessKeyId"] is not { Length: > 0 } id || entry["SecretAccessKey"] is not { Length: > 0 } secret)
                errors.Add($"{entry.Path}: AccessKeyId and SecretAccessKey are required");
            else if (!credentials.TryAdd(id, new SigningCredential(id, secret, entry["SessionToken"] is { Length: > 0 } token ? token : null)))
                errors.Add($"{entry.Path}:AccessKeyId: is duplicated");
        }

        if (credentials.Count == 0)
            credentials.Add(SimulatorDefaults.AccessKeyId, new SigningCredential(SimulatorDefaults.AccessKeyId, SimulatorDefaults.SecretAccessKey, SessionToken: null));

        return credentials.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string[] ReadRegions(string? list, List<string> errors)
    {
        if (list is not { Length: > 0 })
            return [SimulatorDefaults.Region];

        var regions = list.Split(',', StringSplitOptions.TrimEntries);
        if (!Array.TrueForAll(regions, RegionName().IsMatch))
            errors.Add("Simulator:Region: must be names of regions such as us-east-1, separated by commas");

        return regions;
    }

    private static List<Role> ReadRoles(IConfigurationSection section, List<string> errors)
    {
        var roles = new List<Role>();
        foreach (var entry in section.GetChildren())
        {
            RejectUnknownKeys(entry, ["Arn", "ExternalId", "Networks"], errors);
            var networks = entry.GetSection("Networks").GetChildren().ToList();
            errors.AddRange(networks.Where(network => !WickrRules.IsNetworkId(network.Value ?? "")).Select(network => $"{network.Path}: a network id has exactly 8 digits"));
            if (Role.Parse(entry["Arn"] ?? "", entry["ExternalId"] is { Length: > 0 } id ? id : null, [.. networks.Select(network => network.Value ?? "")]) is not { } role)
                errors.Add($"{entry.Path}:Arn: must be the ARN of a role, such as arn:aws:iam::123456789012:role/name");
            else if (roles.Exists(other => other.Arn == role.Arn))
                errors.Add($"{entry.Path}:Arn: is duplicated");
            else
                roles.Add(role);
        }

        return roles;
    }

    [GeneratedRegex(@"\A[a-z]{2,}(-[a-z0-9]+)+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionName();
}
