using System.Globalization;

namespace DevHost;

/// <summary>The two ports; everything else on the command line is a setting of the gateway, such as <c>--RateLimit:Burst=100</c>.</summary>
internal sealed record DevHostOptions(int GatewayPort, int SimulatorPort, IReadOnlyList<string> Rest)
{
    public const string GatewayOption = "--gateway-port";
    public const string SimulatorOption = "--simulator-port";

    public const string Usage =
        $"""
        Usage: dotnet run --project src/DevHost -- [{GatewayOption} N] [{SimulatorOption} N] [--Key:Of:The:Gateway=value …]
        Ports are different whole numbers from 1 to 65535; the defaults are 8080 and 8081.
        """;

    public string GatewayUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{GatewayPort}");

    public string SimulatorUrl => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{SimulatorPort}");

    /// <summary>Null when the ports make no sense.</summary>
    public static DevHostOptions? Parse(string[] args)
    {
        var (gateway, simulator) = ((int?)8080, (int?)8081);
        var rest = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == GatewayOption)
                gateway = Port(args.ElementAtOrDefault(++i));
            else if (args[i] == SimulatorOption)
                simulator = Port(args.ElementAtOrDefault(++i));
            else
                rest.Add(args[i]);
        }

        return gateway is { } first && simulator is { } second && first != second ? new DevHostOptions(first, second, rest) : null;
    }

    private static int? Port(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;
}
