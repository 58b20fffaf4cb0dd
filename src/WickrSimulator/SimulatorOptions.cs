using System.Collections.Frozen;
using System.Globalization;

namespace WickrSimulator;

/// <summary>A pair that may sign, and the session token that belongs to it, if it is a temporary one.</summary>
internal sealed record SigningCredential(string AccessKeyId, string SecretAccessKey, string? SessionToken);

/// <param name="Networks">Users by network id; the users of a network are <c>"1"</c>, <c>"2"</c>, …</param>
/// <param name="Credentials">Who may sign, by access key id.</param>
/// <param name="Region">The region that must have been signed for.</param>
internal sealed record SimulatorOptions(FrozenDictionary<string, int> Networks, FrozenDictionary<string, SigningCredential> Credentials, string Region)
{
    private const int MostUsers = 1_000_000;

    public static SimulatorOptions Read(IConfiguration configuration)
    {
        var faults = new List<string>();
        ReadUrls(configuration, faults);
        Unknown(configuration.GetSection("Simulator"), ["Networks", "Credentials", "Region"], faults);
        var options = new SimulatorOptions(
            ReadNetworks(configuration.GetSection("Simulator:Networks"), faults),
            ReadCredentials(configuration.GetSection("Simulator:Credentials"), faults),
            configuration["Simulator:Region"] is { Length: > 0 } region ? region : SimulatorDefaults.Region);
        return faults.Count == 0 ? options : throw new SimulatorSettingsException(faults);
    }

    // A misspelt key would leave the default in place without a word.
    private static void Unknown(IConfigurationSection section, string[] known, List<string> faults) => faults.AddRange(section.GetChildren()
        .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
        .Select(child => $"{child.Path}: no such setting; there are {string.Join(", ", known)}"));

    private static void ReadUrls(IConfiguration configuration, List<string> faults)
    {
        foreach (var url in configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            // Kestrel takes what it cannot read for a host name, and listens on port 80 of every address.
            var anyHost = url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal);
            if (!Uri.TryCreate(anyHost, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || address.PathAndQuery != "/" || address is { Host: "localhost", Port: 0 })
                faults.Add("urls: each must be an http:// address such as http://localhost:8081, or http://127.0.0.1:0 for any free port");
        }

        foreach (var port in configuration["HTTP_PORTS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                faults.Add("http_ports: each must be a port number");
        }
    }

    private static FrozenDictionary<string, int> ReadNetworks(IConfigurationSection section, List<string> faults)
    {
        var networks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var network in section.GetChildren())
        {
            if (!Wickr.WickrRules.IsNetworkId(network.Key))
                faults.Add($"{network.Path}: a network id has exactly 8 digits");
            else if (int.TryParse(network.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var users) && users <= MostUsers)
                networks.Add(network.Key, users);
            else
                faults.Add($"{network.Path}: must be the number of users, from 0 to {MostUsers}");
        }

        if (networks.Count == 0 && faults.Count == 0)
            networks.Add(SimulatorDefaults.NetworkId, SimulatorDefaults.Users);

        return networks.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, SigningCredential> ReadCredentials(IConfigurationSection section, List<string> faults)
    {
        var credentials = new Dictionary<string, SigningCredential>(StringComparer.Ordinal);
        foreach (var entry in section.GetChildren())
        {
            Unknown(entry, ["AccessKeyId", "SecretAccessKey", "SessionToken"], faults);
            if (entry["AccessKeyId"] is not { Length: > 0 } id || entry["SecretAccessKey"] is not { Length: > 0 } secret)
                faults.Add($"{entry.Path}: needs AccessKeyId and SecretAccessKey");
            else if (!credentials.TryAdd(id, new SigningCredential(id, secret, entry["SessionToken"] is { Length: > 0 } token ? token : null)))
                faults.Add($"{entry.Path}:AccessKeyId: stands twice");
        }

        if (credentials.Count == 0)
            credentials.Add(SimulatorDefaults.AccessKeyId, new SigningCredential(SimulatorDefaults.AccessKeyId, SimulatorDefaults.SecretAccessKey, null));

        return credentials.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
