using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>What the gateway wants of the framework's own <c>Authentication:Schemes:Bearer</c> settings; the framework reads them itself.</summary>
/// <param name="Issuers">The only <c>iss</c> values that count: the configured ones, else the authority itself (OpenID Connect Discovery, section 4.3).</param>
/// <param name="AcceptsSymmetricKeys">Whether keys are configured as <c>dotnet user-jwts</c> writes them, and with them HMAC.</param>
/// <param name="MayUsePlainHttp">Whether the metadata may be fetched without TLS: from this machine itself, or when the settings say so.</param>
internal sealed record BearerOptions(IReadOnlyList<string> Issuers, bool AcceptsSymmetricKeys, bool MayUsePlainHttp)
{
    public const string Section = "Authentication:Schemes:Bearer";

    /// <summary>Tokens are off.</summary>
    public static BearerOptions Disabled { get; } = new([], AcceptsSymmetricKeys: false, MayUsePlainHttp: false);

    public bool IsEnabled => Issuers.Count > 0;

    public static BearerOptions Read(SettingsReader settings)
    {
        var authority = Address(settings, $"{Section}:Authority");
        var metadata = Address(settings, $"{Section}:MetadataAddress");
        var hasKeys = settings.GetChildren($"{Section}:SigningKeys").Any();
        if (authority is null && metadata is null && !hasKeys)
            return Disabled;

        var allowsHttp = !settings.GetBool($"{Section}:RequireHttpsMetadata", defaultValue: true);
        foreach (var (key, address) in (ReadOnlySpan<(string, Uri?)>)[($"{Section}:Authority", authority), ($"{Section}:MetadataAddress", metadata)])
        {
            if (address is { IsAbsoluteUri: true, IsLoopback: false } && address.Scheme != Uri.UriSchemeHttps && !allowsHttp)
                settings.AddError(key, "must be https: whoever can change the keys on their way can be every caller");
        }

        if (settings.GetString($"{Section}:ValidAudience") is null && !settings.GetList($"{Section}:ValidAudiences").Any())
            settings.AddError($"{Section}:ValidAudiences", "is missing; name the audience that tokens for this gateway carry, or tokens for other services would count");

        List<string> issuers = [.. settings.GetList($"{Section}:ValidIssuers").Select(issuer => issuer.Value)];
        if (settings.GetString($"{Section}:ValidIssuer") is { } issuer)
            issuers.Add(issuer);

        if (issuers.Count == 0 && settings.GetString($"{Section}:Authority") is { } issuing)
            issuers.AddRange([issuing.TrimEnd('/'), $"{issuing.TrimEnd('/')}/"]);

        if (issuers.Count == 0)
            settings.AddError($"{Section}:ValidIssuer", "is missing, and so is Authority; name the issuer whose tokens count");

        return new BearerOptions(issuers, hasKeys, allowsHttp || (authority ?? metadata)?.IsLoopback == true);
    }

    private static Uri? Address(SettingsReader settings, string key)
    {
        if (settings.GetString(key) is not { } text)
            return null;

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http")
            return address;

        settings.AddError(key, "must be an absolute https address");
        return new Uri("https://invalid./");
    }
}
