using WickrGateway.Configuration;

namespace WickrGateway.OpenApi;

/// <summary>What the document says about this deployment, and whether the page is served.</summary>
/// <param name="SwaggerUi">Whether the page at <c>/swagger</c> is served; the documents always are.</param>
/// <param name="PathBase">The prefix that a proxy in front leaves on the path; empty, or with a leading and no trailing slash.</param>
/// <param name="TrustForwardedPrefix">Whether <c>X-Forwarded-Prefix</c> is trusted; only where a proxy sets or removes it.</param>
/// <param name="Servers">The URLs of the gateway in the document; none: the one that the document was requested from.</param>
internal sealed record OpenApiOptions(
    bool SwaggerUi,
    string PathBase,
    bool TrustForwardedPrefix,
    IReadOnlyList<string> Servers)
{
    public static OpenApiOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("OpenApi", "SwaggerUi", "Servers");
        return new OpenApiOptions(
            settings.GetBool("OpenApi:SwaggerUi", defaultValue: true),
            ReadPathBase(settings),
            settings.GetBool("ForwardedHeaders_Enabled", defaultValue: false),
            [.. ReadServers(settings)]);
    }

    private static string ReadPathBase(SettingsReader settings)
    {
        const string Key = "PathBase";
        if (settings.GetString(Key) is not { } configured || configured == "/")
            return "";

        if (!PublicPrefix.IsPrefix(configured))
            settings.AddError(Key, "must be a path such as /wickr: letters, digits and - . _ ~ between slashes, without a trailing slash");

        return configured;
    }

    private static IEnumerable<string> ReadServers(SettingsReader settings)
    {
        foreach (var (key, value) in settings.GetList("OpenApi:Servers"))
        {
            if (!IsWebAddress(value))
                settings.AddError(key, "must be an http or https URL without user, query and fragment");

            yield return value;
        }
    }

    private static bool IsWebAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}
