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
        var slashes = RawPath(request).Count('/');
        var own = expected.AsSpan().Count('/');
        return slashes == own || slashes == own + (request.PathBase.Value ?? "").AsSpan().Count('/');
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
