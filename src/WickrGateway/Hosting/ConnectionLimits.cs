using WickrGateway.Configuration;

namespace WickrGateway.Hosting;

/// <summary>How many connections the API's listeners hold at once, all together.</summary>
/// <param name="MaxConnections">1 to 100,000, 1000 by default. The memory limit of the deployment is made for this number.</param>
/// <param name="MaxConnectionsPerAddress">0 to 100,000, 500 by default; 0 for no limit for one address.</param>
internal sealed record ConnectionLimits(int MaxConnections, int MaxConnectionsPerAddress)
{
    private const int Max = 100_000;

    public static ConnectionLimits Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Limits", "MaxConnections", "MaxConnectionsPerAddress", "Redis", "KeyPrefix");
        return new ConnectionLimits(
            settings.GetInt("Limits:MaxConnections", defaultValue: 1000, min: 1, Max),
            settings.GetInt("Limits:MaxConnectionsPerAddress", defaultValue: 500, min: 0, Max));
    }
}
