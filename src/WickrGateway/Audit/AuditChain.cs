using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WickrGateway.Audit;

/// <summary>
/// The hash chain of the audit file: each line begins with the SHA-256 of the line before it, without its line feed. Pure rules, used by
/// the writer and the verifier.
/// </summary>
internal static class AuditChain
{
    /// <summary>A crash had left a part of a line.</summary>
    public const string RecoveredEvent = "recovered";

    /// <summary>Somebody had replaced, cut or changed the file, and the chain goes on in a new one.</summary>
    public const string ResumedEvent = "resumed";

    /// <summary>The previous hash of the very first line.</summary>
    public static readonly byte[] Beginning = new byte[SHA256.HashSizeInBytes];

    /// <summary>In bytes: what linking adds to a record, line feed included.</summary>
    public const int LinkLength = 75;

    /// <summary>The line for a record (one JSON object, not empty) with the hash in front, without a line feed.</summary>
    public static byte[] Link(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> record) =>
        [.. "{\"prev\":\""u8, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(previous)), .. "\","u8, .. record[1..]];

    /// <summary>The previous hash and the event of a line; null when it is not an audit line, or a part of one that a crash left.</summary>
    public static (byte[] Previous, string? Event)? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("prev", out var link) || link.GetString() is not { Length: 64 } hex)
                return null;

            return (Convert.FromHexString(hex), json.RootElement.TryGetProperty("event", out var name) ? name.GetString() : null);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
