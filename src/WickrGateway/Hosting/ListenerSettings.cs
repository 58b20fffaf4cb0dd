using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using WickrGateway.Configuration;

namespace WickrGateway.Hosting;

/// <summary>Checks where the server listens and its certificates, which Kestrel itself would report only with an exception from deep inside.</summary>
internal static class ListenerSettings
{
    private const int MaxPort = 65535;

    public static void Check(SettingsReader settings)
    {
        foreach (var url in Split(settings.GetString("urls")))
            CheckUrl(settings, "urls", url);

        foreach (var key in (ReadOnlySpan<string>)["http_ports", "https_ports"])
        {
            // Kestrel takes a port that it cannot parse for a host name, and listens on port 80.
            if (Split(settings.GetString(key)).Any(port => !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxPort))
                settings.AddError(key, $"must be port numbers from 0 to {MaxPort}, with ; between several");
        }

        var contentRoot = settings.GetString("contentRoot") ?? AppContext.BaseDirectory;
        foreach (var (key, _) in settings.GetChildren("Kestrel:Certificates"))
            CheckCertificate(settings, key, contentRoot);

        foreach (var (key, _) in settings.GetChildren("Kestrel:Endpoints"))
        {
            if (settings.GetString($"{key}:Url") is { } url)
                CheckUrl(settings, $"{key}:Url", url);
            else
                settings.AddError($"{key}:Url", "is missing");

            CheckCertificate(settings, $"{key}:Certificate", contentRoot);
            foreach (var (sni, _) in settings.GetChildren($"{key}:Sni"))
                CheckCertificate(settings, $"{sni}:Certificate", contentRoot);
        }
    }

    /// <summary>The addresses, as the server finds them: <c>Kestrel:Endpoints</c> before <c>urls</c>, and these before ports.</summary>
    public static IReadOnlyList<string> FindAddresses(IConfiguration configuration)
    {
        string[][] candidates =
        [
            [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()],
            Split(configuration["urls"]),
            [.. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"), .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}")],
            ["http://localhost:5000"],
        ];
        return candidates.First(addresses => addresses.Length > 0);
    }

    /// <summary>Whether the start failed because the server cannot listen as configured. That is for the operator to change, so a line says enough.</summary>
    public static bool IsListenFailure(Exception exception) =>
        exception is ManagementListenException or SocketException or IOException { InnerException: AddressInUseException }
        || (exception is InvalidOperationException or FormatException or NotSupportedException && exception.Source?.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true);

    /// <summary>The cause and the keys to look at, in one line.</summary>
    public static string DescribeListenFailure(Exception exception)
    {
        var (cause, keys) = exception is ManagementListenException { InnerException: { } inner }
            ? (inner, "Management:Port")
            : (exception, "urls (--urls, ASPNETCORE_HTTP_PORTS) and Kestrel:*");
        return $"cannot listen: {cause.Message.Split('\n')[0].TrimEnd('.', '\r')}. Check {keys}.";
    }

    private static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static void CheckUrl(SettingsReader settings, string key, string url)
    {
        if (!IsAddress(url))
            settings.AddError(key, $"must be http://host:port or https://host:port with a port from 0 to {MaxPort} and without a path{(key == "urls" ? ", with ; between several" : "")}");
    }

    private static bool IsAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe)
                return true;

            // A port that cannot be parsed is left in the host, and Kestrel would listen on port 80.
            var isHost = address.Host is "*" or "+" || Uri.CheckHostName(address.Host) != UriHostNameType.Unknown;
            return address.Scheme is "http" or "https" && isHost && address.Port is >= 0 and <= MaxPort && address.PathBase.Length == 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void CheckCertificate(SettingsReader settings, string section, string contentRoot)
    {
        if (CertificateFiles.Read(key => settings.GetString(key), section, contentRoot) is not { } files)
            return;

        try
        {
            using var certificate = files.Load();
            if (!certificate.HasPrivateKey)
                settings.AddError($"{section}:Path", "the certificate has no private key; name the file of the key in KeyPath");
        }
        catch (Exception unreadable) when (CertificateFiles.IsUnreadable(unreadable))
        {
            settings.AddError($"{section}:Path", "the certificate cannot be read; check the files of Path and KeyPath, their format and permissions, and the Password");
        }
    }
}

/// <summary>The server for management requests cannot listen on its port; the inner exception says why.</summary>
internal sealed class ManagementListenException(Exception cause) : Exception("The management port cannot be listened on.", cause);
