using WickrGateway.Configuration;

namespace WickrGateway.OpenApi;

/// <summary>What the document says of this deployment, and whether the page is served.</summary>
/// <param name="SwaggerUi">Whether the page at <c>/swagger</c> is served; the documents always are.</param>
/// <param name="PathBase">The path below which a proxy passes everything on as it came; empty, or with a slash before and none after.</param>
/// <param name="TrustForwardedPrefix">Whether <c>X-Forwarded-Prefix</c> is believed; only where a proxy sets or removes it.</param>
/// <param name="Servers">Where the document says the gateway is; none: where the document was asked for.</param>
internal sealed record OpenApiOptions(
    bool SwaggerUi,
    string PathBase,
    bool TrustForwardedPrefix,
    IReadOnlyList<string> Servers,
    OpenApiContactOptions Contact,
    OpenApiLicenseOptions License)
{
    public static OpenApiOptions Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("OpenApi", "SwaggerUi", "Servers", "Contact", "License");
        settings.RejectUnknownKeys("OpenApi:Contact", "Name", "Url", "Email");
        settings.RejectUnknownKeys("OpenApi:License", "Name", "Url");
        return new OpenApiOptions(
            settings.GetBool("OpenApi:SwaggerUi", defaultValue: true),
            ReadPathBase(settings),
            settings.GetBool("ForwardedHeaders_Enabled", defaultValue: false),
            [.. ReadServers(settings)],
            new OpenApiContactOptions(settings.GetString("OpenApi:Contact:Name"), ReadUrl(settings, "OpenApi:Contact:Url"), ReadEmail(settings)),
            new OpenApiLicenseOptions(ReadLicenseName(settings), ReadUrl(settings, "OpenApi:License:Url")));
    }

    private static string ReadPathBase(SettingsReader settings)
    {
        const string Key = "PathBase";
        if (settings.GetString(Key) is not { } given || given == "/")
            return "";

        if (!PublicPrefix.IsPrefix(given))
            settings.AddError(Key, "must be a path such as /wickr: letters, digits and - . _ ~ between slashes, and none at the end");

        return given;
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

    private static Uri? ReadUrl(SettingsReader settings, string key)
    {
        if (settings.GetString(key) is not { } given)
            return null;

        if (IsWebAddress(given))
            return new Uri(given);

        settings.AddError(key, "must be an http or https URL without user, query and fragment");
        return null;
    }

    private static string? ReadEmail(SettingsReader settings)
    {
        const string Key = "OpenApi:Contact:Email";
        var email = settings.GetString(Key);
        if (email is not null && (email.Split('@') is not [{ Length: > 0 }, { Length: > 0 }] || email.Any(char.IsWhiteSpace)))
            settings.AddError(Key, "must be an e-mail address");

        return email;
    }

    /// <summary>OpenAPI knows no licence without a name.</summary>
    private static string? ReadLicenseName(SettingsReader settings)
    {
        var name = settings.GetString("OpenApi:License:Name");
        if (name is null && settings.GetString("OpenApi:License:Url") is not null)
            settings.AddError("OpenApi:License:Name", "is missing beside OpenApi:License:Url");

        return name;
    }

    private static bool IsWebAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}

/// <param name="Name">Who is asked about this gateway.</param>
internal sealed record OpenApiContactOptions(string? Name, Uri? Url, string? Email)
{
    public bool IsGiven => Name is not null || Url is not null || Email is not null;
}

/// <param name="Name">The licence under which the API is offered, such as an SPDX identifier.</param>
internal sealed record OpenApiLicenseOptions(string? Name, Uri? Url);
