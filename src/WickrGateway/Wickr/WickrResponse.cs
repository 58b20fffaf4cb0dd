using System.Text.Json;
using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>An answer that arrived whole.</summary>
internal sealed record WickrResponse(int Status, string? ContentType, string? RequestId, byte[] Body)
{
    /// <summary>The error's name without namespace and address, when Wickr or AWS gave one.</summary>
    public string? ErrorType { get; init; }

    public string? Message { get; init; }

    public IReadOnlyList<WickrReason>? Reasons { get; init; }
}

/// <summary>One of the faults that Wickr lists with a ValidationError.</summary>
internal sealed record WickrReason(string? Field, string? Reason);

/// <summary>What AWS says of an error, from the places where AWS's restJson1 protocol puts it.</summary>
internal static class WickrErrors
{
    private const int MaxTextLength = 2048;

    /// <summary>Keeps what stands between the last <c>#</c> and the first <c>:</c>, as the protocol prescribes.</summary>
    public static string? Name(string? raw)
    {
        if (raw is null)
            return null;

        var end = raw.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? raw : raw[..end];
        name = name[(name.LastIndexOf('#') + 1)..].Trim();
        return name.Length is 0 or > 128 || name.Any(char.IsControl) ? null : name;
    }

    public static WickrResponse WithError(this WickrResponse answer, string? errorTypeHeader, ImmutableCredentials credentials)
    {
        string? Words(JsonElement element, string member) => Short(SecretRedactor.Redact(Text(element, member), credentials));

        var name = Name(errorTypeHeader);
        try
        {
            using var json = JsonDocument.Parse(answer.Body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return answer with { ErrorType = name };

            return answer with
            {
                ErrorType = name ?? Name(Words(root, "code")) ?? Name(Words(root, "__type")),
                Message = Words(root, "message") ?? Words(root, "Message"),
                Reasons = Reasons(root, Words),
            };
        }
        catch (Exception noJson) when (noJson is JsonException or InvalidOperationException)
        {
            return answer with { ErrorType = name };
        }
    }

    private static List<WickrReason>? Reasons(JsonElement root, Func<JsonElement, string, string?> words) =>
        root.TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array
            ? [.. reasons.EnumerateArray().Where(reason => reason.ValueKind == JsonValueKind.Object).Take(100)
                .Select(reason => new WickrReason(words(reason, "field"), words(reason, "reason")))]
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Short(string? text) => text is { Length: > MaxTextLength } ? $"{text.AsSpan(0, MaxTextLength)}…" : text;
}
