using System.Collections;
using System.Net;

namespace WickrGateway.Commands;

/// <summary>Where the health check sends its request.</summary>
internal sealed record HealthCheckTarget(IPEndPoint EndPoint, bool IsHttps)
{
    private const int KestrelDefaultPort = 5000;

    private static readonly string[] Prefixes = ["ASPNETCORE_", "DOTNET_", ""];

    /// <summary>
    /// The management port where the environment sets one, because clients can fill the API's port. Else where the gateway listens, from the
    /// same environment variables that Kestrel reads, and with its order: <c>Kestrel__Endpoints__*__Url</c>, <c>URLS</c>, <c>HTTP_PORTS</c> and
    /// <c>HTTPS_PORTS</c>. Of several addresses it is the first with <c>http</c>, which costs less. Addresses that stand for all of the host's are
    /// taken as loopback.
    /// </summary>
    /// <param name="variables">The environment.</param>
    public static HealthCheckTarget Find(IDictionary variables)
    {
        // 0 is any free port, which only the gateway itself knows.
        if (int.TryParse(Get("Management__Port"), out var management) && management is > 0 and <= IPEndPoint.MaxPort)
            return new HealthCheckTarget(new IPEndPoint(IPAddress.Loopback, management), IsHttps: false);

        return Choose(FindEndpoints(variables))
            ?? Choose(Split(GetHost("URLS")))
            ?? Choose([.. Split(GetHost("HTTP_PORTS")).Select(port => $"http://*:{port}"), .. Split(GetHost("HTTPS_PORTS")).Select(port => $"https://*:{port}")])
            ?? new HealthCheckTarget(new IPEndPoint(IPAddress.Loopback, KestrelDefaultPort), IsHttps: false);

        string? Get(string name) => variables[name] as string is { Length: > 0 } value ? value : null;

        string? GetHost(string name) => Prefixes.Select(prefix => Get(prefix + name)).FirstOrDefault(value => value is not null);
    }

    /// <summary>The values of <c>Kestrel__Endpoints__{name}__Url</c>, in the order of the names.</summary>
    private static IEnumerable<string> FindEndpoints(IDictionary variables) => variables.Cast<DictionaryEntry>()
        .Select(variable => (Name: Prefixes.Aggregate((string)variable.Key, RemovePrefix), Url: variable.Value as string ?? ""))
        .Where(variable => variable.Url.Length > 0
            && variable.Name.StartsWith("Kestrel__Endpoints__", StringComparison.OrdinalIgnoreCase)
            && variable.Name.EndsWith("__Url", StringComparison.OrdinalIgnoreCase))
        .OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase)
        .Select(variable => variable.Url);

    private static string RemovePrefix(string name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name;

    private static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static HealthCheckTarget? Choose(IEnumerable<string> urls) => urls.Select(Parse).OfType<HealthCheckTarget>().OrderBy(target => target.IsHttps).FirstOrDefault();

    // System.Uri rejects the wildcards + and *.
    private static HealthCheckTarget? Parse(string url)
    {
        var end = url.IndexOf("://", StringComparison.Ordinal);
        var isHttps = end == 5 && url.StartsWith("https", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !(end == 4 && url.StartsWith("http", StringComparison.OrdinalIgnoreCase)))
            return null;

        var authority = url[(end + 3)..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        var (host, port) = (authority, isHttps ? 443 : 80);
        // The last colon of an IPv6 address without a port is within the brackets.
        if (colon > authority.LastIndexOf(']'))
        {
            host = authority[..colon];
            if (!int.TryParse(authority[(colon + 1)..], out port) || port is <= 0 or > IPEndPoint.MaxPort)
                return null;
        }

        // For a name Kestrel listens on all addresses, whatever it resolves to.
        var address = IPAddress.TryParse(host, out var parsed) && !parsed.Equals(IPAddress.Any) ? parsed : IPAddress.Loopback;
        return new HealthCheckTarget(new IPEndPoint(address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address, port), isHttps);
    }
}
