namespace WickrSimulator.Signing;

/// <summary>A request as it stood on the wire, as far as its signature covers it.</summary>
/// <param name="Path">As sent, still percent-encoded, without the query.</param>
/// <param name="Query">As sent, without the question mark.</param>
/// <param name="Headers">Lower-case names; one entry for each name, its values in the order they came.</param>
internal sealed record SignedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string[]> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join(',', values) : null;
}
