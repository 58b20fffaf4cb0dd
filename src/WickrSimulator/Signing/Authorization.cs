namespace WickrSimulator.Signing;

/// <summary>The parts of an <c>Authorization</c> header of Signature Version 4.</summary>
internal sealed record Authorization(string AccessKeyId, string Date, string Region, string Service, string[] SignedHeaders, string Signature)
{
    /// <summary>The credential scope.</summary>
    public string Scope => $"{Date}/{Region}/{Service}/aws4_request";

    /// <summary>Null when it is malformed.</summary>
    public static Authorization? Parse(string header)
    {
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || header[..space] != SigV4.Algorithm)
            return null;

        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in header[space..].Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var name, { Length: > 0 } value] || !parts.TryAdd(name, value))
                return null;
        }

        return parts.Count == 3
            && parts.TryGetValue("Credential", out var credential)
            && parts.TryGetValue("SignedHeaders", out var signedHeaders)
            && parts.TryGetValue("Signature", out var signature)
            && credential.Split('/') is [{ Length: > 0 } id, { Length: 8 } date, { Length: > 0 } region, { Length: > 0 } service, "aws4_request"]
                ? new Authorization(id, date, region, service, signedHeaders.Split(';'), signature)
                : null;
    }
}
