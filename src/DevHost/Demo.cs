using System.Security.Cryptography;
using System.Text;
using WickrSimulator;
using WickrSimulator.Sts;

namespace DevHost;

/// <summary>The demo's callers and its welcome text. The gateway itself has no default caller or key.</summary>
internal sealed class Demo(DevHostOptions options, SimulatorOptions simulator)
{
    /// <summary>Of the caller that may do everything in every network of the simulator.</summary>
    public const string ApiKey = "demo-key-for-local-use-only";

    /// <summary>Of the caller that may only suspend, and in one network.</summary>
    public const string SuspendOnlyApiKey = "suspend-only-key-for-local-use-only";

    private const string Caller = "Auth:Callers:demo";
    private const string SuspendOnlyCaller = "Auth:Callers:demo-suspend-only";

    /// <summary>One network for single calls, and one to rehearse a long list, when the command line names none.</summary>
    public static IReadOnlyList<string> DefaultNetworks { get; } = [$"--Simulator:Networks:{SimulatorDefaults.NetworkId}={SimulatorDefaults.Users}", "--Simulator:Networks:73000000=730"];

    /// <summary>Enough for all users of the simulator's networks.</summary>
    private const string SuspendLimit = "2000";

    private readonly string[] _networks = [.. simulator.Networks.Keys.Order(StringComparer.Ordinal)];

    private string NetworkId => _networks.Contains(SimulatorDefaults.NetworkId) ? SimulatorDefaults.NetworkId : _networks[0];

    private string LargestNetworkId => _networks.MaxBy(network => simulator.Networks[network])!;

    public string[] GatewaySettings() =>
    [
        $"--urls={options.GatewayUrl}",
        $"--Wickr:Region={simulator.Regions[0]}",
        $"--Wickr:Endpoint={options.SimulatorUrl}",
        $"--AWS_ENDPOINT_URL_STS={options.SimulatorUrl}",
        .. simulator.Roles.SelectMany(RoleSettings),
        $"--{Caller}:ApiKeySha256:0={Hash(ApiKey)}",
        .. _networks.Select((network, index) => $"--{Caller}:Networks:{index}={network}"),
        $"--{Caller}:Actions:0=suspend",
        $"--{Caller}:Actions:1=unsuspend",
        $"--{Caller}:SuspendLimit={SuspendLimit}",
        $"--{SuspendOnlyCaller}:ApiKeySha256:0={Hash(SuspendOnlyApiKey)}",
        $"--{SuspendOnlyCaller}:Networks:0={NetworkId}",
        $"--{SuspendOnlyCaller}:Actions:0=suspend",
        .. options.GatewaySettings,
    ];

    public string Welcome() =>
        $$"""

        The gateway listens on {{options.GatewayUrl}}, a simulated Wickr on {{options.SimulatorUrl}} with
        {{string.Join($",{Environment.NewLine}", _networks.Select(network => $"the network {network} and its users 1 to {simulator.Networks[network]}"))}}.

          Swagger UI  {{options.GatewayUrl}}/swagger (the API key is filled in)
          API key     {{ApiKey}}

        Suspend two users:

          curl -i {{options.GatewayUrl}}/networks/{{NetworkId}}/users/suspend-status \
            -H 'X-Api-Key: {{ApiKey}}' \
            -H 'Content-Type: application/json' \
            -d '{"suspend": true, "userIds": ["1", "2"]}'

        Suspend all users of a network in batches of 50:

          curl --no-buffer {{options.GatewayUrl}}/networks/{{LargestNetworkId}}/users/suspend-status/bulk \
            -H 'X-Api-Key: {{ApiKey}}' \
            -H 'Content-Type: application/json' \
            -d "{\"suspend\": true, \"userIds\": [$(printf '"%s",' $(seq {{simulator.Networks[LargestNetworkId]}}) | sed 's/,$//')]}"

        A second caller may only suspend. This gets a 403:

          curl -i {{options.GatewayUrl}}/networks/{{NetworkId}}/users/suspend-status \
            -H 'X-Api-Key: {{SuspendOnlyApiKey}}' \
            -H 'Content-Type: application/json' \
            -d '{"suspend": false, "userIds": ["1", "2"]}'

        List the simulator's users:

          curl {{options.SimulatorUrl}}/_simulator/networks/{{NetworkId}}/users

        Ctrl+C stops both.

        """;

    /// <summary>A network that the simulator keeps to a role is called with it.</summary>
    private static IEnumerable<string> RoleSettings(Role role) => role.Networks.SelectMany(network => (string[])
    [
        $"--Wickr:Networks:{network}:RoleArn={role.Arn}",
        .. role.ExternalId is { } externalId ? (string[])[$"--Wickr:Networks:{network}:ExternalId={externalId}"] : [],
    ]);

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
