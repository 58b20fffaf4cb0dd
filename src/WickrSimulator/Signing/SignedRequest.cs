using Microsoft.AspNetCore.Http.Features;

namespace WickrSimulator.Signing;

/// <summary>The parts of a request that its signature covers, as they were sent.</summary>
/// <param name="Path">Still percent-encoded, without the query.</param>
/// <param name="Query">Still percent-encoded, without the question mark.</param>
/// <param name="Headers">Values by lower-case name, in the order in which they were sent.</param>
internal sealed record SignedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string[]> Headers, byte[] Body)
{
    /// <summary>Null when the body is longer than the server's limit.</summary>
    public static async Task<SignedRequest?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }

        // ASP.NET Core's Path is already decoded; the signature covers the path before that.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2);
        var headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.Select(value => value ?? "").ToArray(), StringComparer.Ordinal);
        return new SignedRequest(context.Request.Method, target[0], target.ElementAtOrDefault(1) ?? "", headers, body.ToArray());
    }

    /// <summary>The values of a header joined by commas; null when it is absent.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join(',', values) : null;
}
