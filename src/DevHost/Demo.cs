using System.Security.Cryptography;
using System.Text;

namespace DevHost;

/// <summary>The demo's caller and its welcome text. The gateway itself has no default caller or key.</summary>
internal static class Demo
{
    public const string ApiKey = "demo-key-for-local-use-only";
    public const string NetworkId = "12345678";

    public static string[] GatewaySettings(DevHostOptions options) =>
    [
        $"--urls={options.GatewayUrl}",
        "--Wickr:Region=us-east-1",
        $"--Wickr:Endpoint={options.SimulatorUrl}",
        $"--Auth:Callers:demo:ApiKeySha256:0={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}",
        $"--Auth:Callers:demo:Networks:0={NetworkId}",
        "--Auth:Callers:demo:Actions:0=suspend",
        "--Auth:Callers:demo:Actions:1=unsuspend",
    ];

    public static string Welcome(DevHostOptions options) =>
        $$"""

        The gateway listens on {{options.GatewayUrl}}, a simulated Wickr on {{options.SimulatorUrl}} (network {{NetworkId}}, users 1 to 100).

          Swagger UI  {{options.GatewayUrl}}/swagger
          API key     {{ApiKey}}

        Suspend two users:

          curl -i {{options.GatewayUrl}}/networks/{{NetworkId}}/users/suspend-status \
            -H 'X-Api-Key: {{ApiKey}}' \
            -H 'Content-Type: application/json' \
            -d '{"suspend": true, "userIds": ["1", "2"]}'

        List the simulator's users:

          curl {{options.SimulatorUrl}}/_simulator/networks/{{NetworkId}}/users

        Ctrl+C stops both.

        """;
}
