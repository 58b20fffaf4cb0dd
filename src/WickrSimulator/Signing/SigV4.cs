using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WickrSimulator.Signing;

/// <summary>AWS Signature Version 4, written from its specification (IAM User Guide, "Create a signed AWS API request").</summary>
internal static class SigV4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    public static string CanonicalRequest(SignedRequest request, IEnumerable<string> signedHeaders)
    {
        var names = signedHeaders.Order(StringComparer.Ordinal).ToArray();
        var canonical = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(CanonicalPath(request.Path)).Append('\n')
            .Append(CanonicalQuery(request.Query)).Append('\n');
        foreach (var name in names)
            canonical.Append(name).Append(':').AppendJoin(',', (request.Headers.GetValueOrDefault(name) ?? []).Select(CollapseSpaces)).Append('\n');

        return canonical.Append('\n').AppendJoin(';', names).Append('\n').Append(Hash(request.Body)).ToString();
    }

    public static string StringToSign(string canonicalRequest, string timestamp, string scope) =>
        $"{Algorithm}\n{timestamp}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonicalRequest))}";

    /// <param name="scope"><c>yyyymmdd/region/service/aws4_request</c></param>
    public static string Signature(string secretAccessKey, string scope, string stringToSign)
    {
        var key = Encoding.UTF8.GetBytes($"AWS4{secretAccessKey}");
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The path is normalized, and each segment is percent-encoded once more, as for every service except S3.</summary>
    private static string CanonicalPath(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".." && segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
            else if (segment is not ("." or ".."))
                segments.Add(Encode(segment));
        }

        var trailingSlash = segments.Count > 0 && path.EndsWith('/') ? "/" : "";
        return $"/{string.Join('/', segments)}{trailingSlash}";
    }

    private static string CanonicalQuery(string query) => string.Join('&', query
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Name: Encode(Uri.UnescapeDataString(pair[0])), Value: pair.Length == 1 ? "" : Encode(Uri.UnescapeDataString(pair[1]))))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    /// <summary>Percent-encodes the UTF-8 bytes of everything but RFC 3986's unreserved characters, in upper-case hexadecimal.</summary>
    private static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                encoded.Append((char)value);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }

    private static string CollapseSpaces(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
