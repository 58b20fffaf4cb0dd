using System.Globalization;

namespace DevHost;

/// <summary>The command line: two ports and settings of the gateway.</summary>
/// <param name="GatewayPort">1 to 65535, by default 8080.</param>
/// <param name="SimulatorPort">1 to 65535, by default 8081; not the gateway's.</param>
/// <param name="GatewaySettings">All other arguments, such as <c>--RateLimit:Burst=100</c>; they override the demo's.</param>
internal sealed record DevHostOptions(int GatewayPort, int SimulatorPort, IReadOnlyList<string> GatewaySettings)
{
    public const string GatewayOption = "--gateway-port";
    public const string SimulatorOption = "--simulator-port";

    public const string Usage =
        $"""
        Usage: dotnet run --project src/DevHost -- [{GatewayOption} N] [{SimulatorOption} N] [--Gateway:Setting=value …]
        The ports are two different numbers from 1 to 65535; the defaults are 8080 and 8081.
        """;

    public string GatewayUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{GatewayPort}");

    public string SimulatorUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{SimulatorPort}");

    /// <summary>Null when a port is not a number from 1 to 65535 or both are the same.</summary>
    public static DevHostOptions? Parse(string[] args)
    {
        var (gateway, simulator) = ((int?)8080, (int?)8081);
        var settings = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == GatewayOption)
                gateway = ReadPort(args.ElementAtOrDefault(++i));
            else if (args[i] == SimulatorOption)
                simulator = ReadPort(args.ElementAtOrDefault(++i));
            else
                settings.Add(args[i]);
        }

        return gateway is { } first && simulator is { } second && first != second ? new DevHostOptions(first, second, settings) : null;
    }

    private static int? ReadPort(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;
}
