using System.Globalization;
using WickrGateway.Configuration;

namespace DevHost;

/// <summary>The command line: two ports, and settings of the simulator and the gateway.</summary>
/// <param name="GatewayPort">1 to 65535, by default 8080.</param>
/// <param name="SimulatorPort">1 to 65535, by default 8081; not the gateway's.</param>
/// <param name="SimulatorSettings">Those of the section <c>Simulator</c>, each as <c>--key=value</c>.</param>
/// <param name="GatewaySettings">All other settings, each as <c>--key=value</c>; they override the demo's.</param>
internal sealed record DevHostOptions(int GatewayPort, int SimulatorPort, IReadOnlyList<string> SimulatorSettings, IReadOnlyList<string> GatewaySettings)
{
    public const string GatewayOption = "--gateway-port";
    public const string SimulatorOption = "--simulator-port";

    public const string Usage =
        $"""
        usage: dotnet run --project src/DevHost -- [option …]

          {GatewayOption} N                       the gateway's port, 1 to 65535, by default 8080
          {SimulatorOption} N                     the simulator's port, by default 8081
          --Simulator:Networks:12345678 730      a network of the simulator and its number of users; repeat it for more networks
          --Simulator:Key value                  any other setting of the simulator: src/WickrSimulator/README.md
          --Section:Key value                    any setting of the gateway, such as --RateLimit:Burst 5: src/WickrGateway/README.md
          --help                                 this text

        Each option can also be written as --name=value.
        """;

    private const string SimulatorSection = "Simulator:";

    public string GatewayUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{GatewayPort}");

    public string SimulatorUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{SimulatorPort}");

    public bool NamesNetworks => SimulatorSettings.Any(setting => setting.StartsWith($"--{SimulatorSection}Networks:", StringComparison.OrdinalIgnoreCase));

    public static bool IsHelp(string[] args) => args.Any(argument => argument is "--help" or "-h") || args is ["help"];

    /// <exception cref="DevHostUsageException">An argument is not understood.</exception>
    public static DevHostOptions Parse(string[] args)
    {
        var (gateway, simulator) = (8080, 8081);
        var (simulatorSettings, gatewaySettings) = (new List<string>(), new List<string>());
        foreach (var (name, value) in Read(args))
        {
            if (name == GatewayOption)
                gateway = ReadPort(name, value);
            else if (name == SimulatorOption)
                simulator = ReadPort(name, value);
            else if (name[2..].StartsWith(SimulatorSection, StringComparison.OrdinalIgnoreCase))
                simulatorSettings.Add($"{name}={value}");
            else if (IsGatewaySetting(name[2..]))
                gatewaySettings.Add($"{name}={value}");
            else
                throw new DevHostUsageException($"There is no option {name}.");
        }

        return gateway != simulator ? new DevHostOptions(gateway, simulator, simulatorSettings, gatewaySettings) : throw new DevHostUsageException("The two ports must be different.");
    }

    private static IEnumerable<(string Name, string Value)> Read(string[] args)
    {
        for (var index = 0; index < args.Length; index++)
        {
            var parts = args[index].Split('=', 2);
            // Counted and not repeated, because it can be a key that lost its name.
            if (!parts[0].StartsWith("--", StringComparison.Ordinal) || parts[0].Length == 2)
                throw new DevHostUsageException($"Argument {index + 1} is not an option.");

            if (parts.Length == 1 && index + 1 == args.Length)
                throw new DevHostUsageException($"{parts[0]} has no value.");

            yield return (parts[0], parts.Length == 2 ? parts[1] : args[++index]);
        }
    }

    /// <summary>An unknown section is refused by the gateway itself. Where it listens is for <see cref="GatewayOption"/> to say, which the demo's texts follow.</summary>
    private static bool IsGatewaySetting(string key) =>
        key.Contains(':', StringComparison.Ordinal) || (KnownSections.IsKnown(key) && !key.Equals("urls", StringComparison.OrdinalIgnoreCase) && !key.EndsWith("_ports", StringComparison.OrdinalIgnoreCase));

    private static int ReadPort(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : throw new DevHostUsageException($"{option} must be a number from 1 to 65535.");
}

/// <summary>The command line is not understood; the message is one line without any value.</summary>
internal sealed class DevHostUsageException(string message) : Exception(message);
