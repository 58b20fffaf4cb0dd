
namespace WickrGateway.OpenApi;

/// <summary>The path prefix under which clients see the gateway, for the document's server URL and the redirect to the page.</summary>
internal static class PublicPrefix
{
    public const string Header = "X-Forwarded-Prefix";

    /// <summary>For a proxy that leaves its prefix on the path; one that removes it sends <see cref="Header"/> instead.</summary>
    public static void UseConfiguredPathBase(this WebApplication app)
    {
        if (app.Services.GetRequiredService<OpenApiOptions>().PathBase is { Length: > 0 } pathBase)
            app.UsePathBase(pathBase);
    }

    /// <summary>
    /// Empty, or with a leading and no trailing slash. Without a proxy in front the header comes from the caller, and a cache would serve a
    /// response made from it to others; so it is used only when forwarded headers are enabled.
    /// </summary>
    public static string Of(HttpRequest request, OpenApiOptions options)
    {
        var forwarded = options.TrustForwardedPrefix && request.Headers[Header] is [{ } value] ? value.TrimEnd('/') : "";
        return (IsPrefix(forwarded) ? forwarded : "") + request.PathBase.Value;
    }

    /// <summary>One or more segments of unreserved characters (RFC 3986, section 2.3), none of them empty or only dots.</summary>
    public static bool IsPrefix(string value) =>
        value.Length is > 1 and <= 256
        && value[0] == '/'
        && value[1..].Split('/').All(segment => segment.Trim('.').Length > 0 && segment.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~'));
}
