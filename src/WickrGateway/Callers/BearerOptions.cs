using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>The gateway's own requirements on <c>Authentication:Schemes:Bearer</c>. The framework reads the same section for its JWT handler.</summary>
/// <param name="Issuers">The accepted <c>iss</c> values of the one issuer: the configured one, else the authority itself with or without a trailing slash (OpenID Connect Discovery, section 4.3). Empty when tokens are off.</param>
/// <param name="AcceptsSymmetricKeys">Whether <c>SigningKeys</c> are configured, as <c>dotnet user-jwts</c> writes them; then HMAC is accepted too.</param>
/// <param name="MayUsePlainHttp">Whether the metadata may be fetched without TLS: from a loopback address, or when <c>RequireHttpsMetadata</c> is false.</param>
internal sealed record BearerOptions(IReadOnlyList<string> Issuers, bool AcceptsSymmetricKeys, bool MayUsePlainHttp)
{
    public const string Section = "Authentication:Schemes:Bearer";

    /// <summary>Used when no authority, metadata address or signing key is configured.</summary>
    public static BearerOptions Disabled { get; } = new([], AcceptsSymmetricKeys: false, MayUsePlainHttp: false);

    public bool IsEnabled => Issuers.Count > 0;

    public static BearerOptions Read(SettingsReader settings)
    {
        var authority = ReadAddress(settings, $"{Section}:Authority");
        var metadata = ReadAddress(settings, $"{Section}:MetadataAddress");
        var hasKeys = settings.GetChildren($"{Section}:SigningKeys").Any();
        if (authority is null && metadata is null && !hasKeys)
            return Disabled;

        var allowsHttp = !settings.GetBool($"{Section}:RequireHttpsMetadata", defaultValue: true);
        foreach (var (key, address) in (ReadOnlySpan<(string, Uri?)>)[($"{Section}:Authority", authority), ($"{Section}:MetadataAddress", metadata)])
        {
            if (address is { IsAbsoluteUri: true, IsLoopback: false } && address.Scheme != Uri.UriSchemeHttps && !allowsHttp)
                settings.AddError(key, "must be https: anyone who can change the keys in transit can pose as any caller");
        }

        if (settings.GetString($"{Section}:ValidAudience") is null && !settings.GetList($"{Section}:ValidAudiences").Any())
            settings.AddError($"{Section}:ValidAudiences", "is missing; name the audience of tokens for this gateway, otherwise tokens for other services would be accepted");

        List<string> issuers = [.. settings.GetList($"{Section}:ValidIssuers").Select(issuer => issuer.Value)];
        if (settings.GetString($"{Section}:ValidIssuer") is { } issuer)
            issuers.Add(issuer);

        // With several, the key of one could sign tokens in the name of another: keys are not bound to an issuer.
        if (issuers.Distinct(StringComparer.Ordinal).Count() > 1)
            settings.AddError($"{Section}:ValidIssuers", "has several issuers, together with ValidIssuer; tokens of exactly one are accepted");

        if (issuers.Count == 0 && settings.GetString($"{Section}:Authority") is { } authorityText)
            issuers.AddRange([authorityText.TrimEnd('/'), $"{authorityText.TrimEnd('/')}/"]);

        if (issuers.Count == 0)
            settings.AddError($"{Section}:ValidIssuer", "is missing, and so is Authority; name the issuer whose tokens are accepted");

        foreach (var (key, _) in settings.GetChildren($"{Section}:SigningKeys"))
        {
            if (settings.GetString($"{key}:Issuer") is { } keyIssuer && !issuers.Contains(keyIssuer, StringComparer.Ordinal))
                settings.AddError($"{key}:Issuer", "is not the one issuer whose tokens are accepted; remove this key, or the authority");
        }

        return new BearerOptions(issuers, hasKeys, allowsHttp || (metadata ?? authority)?.IsLoopback == true);
    }

    private static Uri? ReadAddress(SettingsReader settings, string key)
    {
        if (settings.GetString(key) is not { } text)
            return null;

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http")
            return address;

        settings.AddError(key, "must be an absolute https address");
        return new Uri("https://invalid./");
    }
}
