using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// Whether a path is written as the contract has it. Routing alone takes any case, a slash at the end, and a path that <c>..</c>
/// segments lead to; a proxy in front that judges paths by their text would have let something else pass.
/// </summary>
internal static class CanonicalPath
{
    public static bool Is(HttpRequest request, string expected)
    {
        if (!expected.Equals(request.Path.Value, StringComparison.Ordinal))
            return false;

        // Each segment that was resolved away took a slash with it, so the count tells. A prefix may stand before the path.
        var raw = RawPath(request);
        if (EscapesWithoutNeed(raw))
            return false;

        var slashes = raw.Count('/');
        var own = expected.AsSpan().Count('/');
        return slashes == own || slashes == own + (request.PathBase.Value ?? "").AsSpan().Count('/');
    }

    /// <summary>Whether a character is escaped that RFC 3986, section 2.3, says should not be: <c>%31</c> for <c>1</c>.</summary>
    private static bool EscapesWithoutNeed(ReadOnlySpan<char> path)
    {
        for (var at = path.IndexOf('%'); at >= 0 && at + 2 < path.Length; at = path.IndexOf('%'))
        {
            if (byte.TryParse(path.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && (char.IsAsciiLetterOrDigit((char)value) || (char)value is '-' or '.' or '_' or '~'))
            {
                return true;
            }

            path = path[(at + 1)..];
        }

        return false;
    }

    /// <summary>The path as it came, from the origin form or (through a proxy) the absolute form of RFC 9112, section 3.2.</summary>
    private static ReadOnlySpan<char> RawPath(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw
            ? raw.AsSpan()
            : request.Path.Value.AsSpan();
        var query = target.IndexOf('?');
        target = query < 0 ? target : target[..query];
        if (target.StartsWith("/", StringComparison.Ordinal))
            return target;

        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var start = authority < 0 ? -1 : target[(authority + 3)..].IndexOf('/');
        return start < 0 ? [] : target[(authority + 3 + start)..];
    }
}
