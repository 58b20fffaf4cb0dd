using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WickrGateway.Audit;

/// <summary>
/// The chain over the lines of the audit file: each line begins with the SHA-256 of the line before it, without its end. Pure rules, used by
/// the writer and by the verifier.
/// </summary>
internal static class AuditChain
{
    public const string RecoveredEvent = "recovered";

    /// <summary>What the very first line has before it.</summary>
    public static readonly byte[] Beginning = new byte[SHA256.HashSizeInBytes];

    /// <summary>In bytes: what linking adds to a record, the line's end included.</summary>
    public const int LinkLength = 75;

    /// <summary>The line of a record (one JSON object, not empty) with its link in front, without the line's end.</summary>
    public static byte[] Link(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> record) =>
        [.. "{\"prev\":\""u8, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(previous)), .. "\","u8, .. record[1..]];

    /// <summary>The link and the event of a line; null when it is none (torn by a crash, or not an audit line).</summary>
    public static (byte[] Previous, string? Event)? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("prev", out var link) || link.GetString() is not { Length: 64 } hex)
                return null;

            return (Convert.FromHexString(hex), json.RootElement.TryGetProperty("event", out var name) ? name.GetString() : null);
        }
        catch (Exception none) when (none is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
