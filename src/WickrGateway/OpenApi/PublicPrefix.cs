
namespace WickrGateway.OpenApi;

/// <summary>The path under which the outside sees the gateway, for what has to name it: the document's server and the way to the page.</summary>
internal static class PublicPrefix
{
    public const string Header = "X-Forwarded-Prefix";

    /// <summary>For a proxy that passes paths on with its prefix; one that takes the prefix off sends <see cref="Header"/> instead.</summary>
    public static void UseConfiguredPathBase(this WebApplication app)
    {
        if (app.Services.GetRequiredService<OpenApiOptions>().PathBase is { Length: > 0 } pathBase)
            app.UsePathBase(pathBase);
    }

    /// <summary>
    /// Empty, or with a slash before and none after. The header is the caller's own words unless a proxy is known to stand in front, and a
    /// cache that kept an answer made from it would hand it to others; so it counts only when forwarded headers are switched on.
    /// </summary>
    public static string Of(HttpRequest request, OpenApiOptions options)
    {
        var forwarded = options.TrustForwardedPrefix && request.Headers[Header] is [{ } given] ? given.TrimEnd('/') : "";
        return (IsPrefix(forwarded) ? forwarded : "") + request.PathBase.Value;
    }

    /// <summary>One or more segments of unreserved characters (RFC 3986, section 2.3), none of them empty or made of dots.</summary>
    public static bool IsPrefix(string value) =>
        value.Length is > 1 and <= 256
        && value[0] == '/'
        && value[1..].Split('/').All(segment => segment.Trim('.').Length > 0 && segment.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~'));
}
