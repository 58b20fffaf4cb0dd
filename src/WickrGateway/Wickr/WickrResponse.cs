using System.Text.Json;
using Amazon.Runtime;
using WickrGateway.Problems;

namespace WickrGateway.Wickr;

/// <summary>A response of Wickr's.</summary>
/// <param name="Body">Empty when it was not read, because it is not one that Wickr's API has.</param>
internal sealed record WickrResponse(int Status, string? ContentType, string? RequestId, byte[] Body)
{
    /// <summary>The name of the error without namespace and URL, when Wickr or AWS gave one.</summary>
    public string? ErrorType { get; init; }

    public string? Message { get; init; }

    public IReadOnlyList<WickrReason>? Reasons { get; init; }
}

/// <summary>Reads AWS's error responses: the places where the restJson1 protocol puts type, message and reasons.</summary>
internal static class WickrErrorReader
{
    private const int MaxTextLength = 2048;
    private const int MaxNameLength = 128;
    private const int MaxReasons = 100;

    /// <summary>The part between the last <c>#</c> and the first <c>:</c>, as the protocol prescribes.</summary>
    public static string? ParseName(string? raw)
    {
        if (raw is null)
            return null;

        var end = raw.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? raw : raw[..end];
        name = name[(name.LastIndexOf('#') + 1)..].Trim();
        return name.Length is 0 or > MaxNameLength || name.Any(char.IsControl) ? null : name;
    }

    /// <summary>The response with type, message and reasons as far as it has them.</summary>
    /// <param name="errorTypeHeader">The header <c>x-amzn-ErrorType</c>, which wins over the body.</param>
    /// <param name="credentials">Text that repeats them is left out.</param>
    public static WickrResponse WithError(this WickrResponse response, string? errorTypeHeader, ImmutableCredentials credentials)
    {
        string? Read(JsonElement element, string field) => Shorten(SecretRedactor.Redact(GetString(element, field), credentials));

        var name = ParseName(errorTypeHeader);
        try
        {
            using var json = JsonDocument.Parse(response.Body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return response with { ErrorType = name };

            return response with
            {
                ErrorType = name ?? ParseName(Read(root, "code")) ?? ParseName(Read(root, "__type")),
                Message = Read(root, "message") ?? Read(root, "Message"),
                Reasons = ReadReasons(root, Read),
            };
        }
        catch (Exception notJson) when (notJson is JsonException or InvalidOperationException)
        {
            return response with { ErrorType = name };
        }
    }

    private static List<WickrReason>? ReadReasons(JsonElement root, Func<JsonElement, string, string?> read) =>
        root.TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array
            ? [.. reasons.EnumerateArray().Where(reason => reason.ValueKind == JsonValueKind.Object).Take(MaxReasons)
                .Select(reason => new WickrReason(read(reason, "field"), read(reason, "reason")))]
            : null;

    private static string? GetString(JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Shorten(string? text) => text is { Length: > MaxTextLength } ? $"{text.AsSpan(0, MaxTextLength)}…" : text;
}
