using System.Collections;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Json;

namespace WickrGateway.Configuration;

/// <summary>The top-level keys of the configuration. One that is misspelt must not be ignored: it may be what limits or audits something.</summary>
internal static class KnownSections
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        // The gateway's.
        "Auth", "Authentication", "Wickr", "RateLimit", "Limits", "Policy", "Audit", "Management", "Metrics", "OpenApi", "PathBase", "Serilog",

        // The server's and the host's (HostDefaults, WebHostDefaults, HostOptions).
        "Kestrel", "Logging", "AllowedHosts", "urls", "http_ports", "https_ports", "https_port", "forwardedHeaders_enabled", "preferHostingUrls", "environment", "contentRoot", "webroot",
        "applicationName", "shutdownTimeoutSeconds", "detailedErrors", "captureStartupErrors", "suppressStatusMessages", "startupAssembly", "hostingStartupAssemblies",
        "hostingStartupExcludeAssemblies", "preventHostingStartup", "staticWebAssets", "servicesStartConcurrently", "servicesStopConcurrently", "hostBuilder", "$schema",
    };

    /// <summary>Variables that AWS and OpenTelemetry define, which can be given as settings too.</summary>
    private static readonly string[] Prefixes = ["AWS_", "OTEL_"];

    /// <summary>The host removes these before it reads a variable as a setting.</summary>
    private static readonly string[] HostPrefixes = ["ASPNETCORE_", "DOTNET_"];

    /// <summary>Adds an error for each unknown section of the settings files and the command line. The environment belongs to other programs as well; see <see cref="FindUnknownVariables"/>.</summary>
    public static void RejectOthers(SettingsReader settings, IConfiguration configuration)
    {
        var providers = (configuration as IConfigurationRoot)?.Providers.Where(provider => provider is JsonConfigurationProvider or CommandLineConfigurationProvider) ?? [];
        foreach (var (name, key) in providers.SelectMany(FindUnknown).DistinctBy(unknown => unknown.Name, StringComparer.OrdinalIgnoreCase))
            settings.AddError(key, $"is not a setting; there is no section {name}");
    }

    /// <summary>The names of environment variables that look like settings but belong to no section, such as <c>Audits__Path</c>.</summary>
    public static IReadOnlyList<string> FindUnknownVariables()
    {
        var unknown = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            var prefix = Array.Find(HostPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) ?? "";
            var end = name.IndexOf("__", prefix.Length, StringComparison.Ordinal);
            if (end > prefix.Length && !IsKnown(name[prefix.Length..end]))
                unknown.Add(name);
        }

        unknown.Sort(StringComparer.Ordinal);
        return unknown;
    }

    public static bool IsKnown(string name) => Names.Contains(name) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(string Name, string Key)> FindUnknown(IConfigurationProvider provider)
    {
        foreach (var name in provider.GetChildKeys([], parentPath: null).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => !IsKnown(name)))
        {
            var key = name;
            while (provider.GetChildKeys([], key).FirstOrDefault() is { } child)
                key = $"{key}:{child}";

            yield return (name, key);
        }
    }
}
