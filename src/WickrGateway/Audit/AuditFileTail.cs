using System.Security.Cryptography;

namespace WickrGateway.Audit;

/// <summary>Where a chain ends in a file.</summary>
/// <param name="Hash">Of the last line, without its line feed.</param>
/// <param name="Length">In bytes, up to the end of that line.</param>
/// <param name="IsClosed">Nothing was written after it, because the gateway stopped.</param>
internal sealed record AuditFileEnd(byte[] Hash, long Length, bool IsClosed = false);

/// <summary>Reads the end of an audit file, and never more than <see cref="MaxBytes"/> of it: a damaged file can end in gigabytes of zeros.</summary>
internal static class AuditFileTail
{
    /// <summary>More than is ever written at once.</summary>
    private const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxLineBytes = 1024 * 1024;

    /// <summary>The end of the last whole line; null when there is none, or none within reach.</summary>
    public static AuditFileEnd? FindEnd(FileStream file)
    {
        var tail = ReadRange(file, Math.Max(0, file.Length - MaxLineBytes), file.Length);
        var end = tail.AsSpan().LastIndexOf((byte)'\n');
        if (end < 0)
            return null;

        var length = file.Length - tail.Length + end + 1;
        return HashOfLineAt(file, length) is { } hash ? new AuditFileEnd(hash, length) : null;
    }

    /// <inheritdoc cref="FindEnd(FileStream)"/>
    public static AuditFileEnd? FindEnd(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return FindEnd(file);
    }

    /// <summary>Whether a line with this hash ends there.</summary>
    public static bool EndsAt(FileStream file, long length, byte[] hash) =>
        length <= file.Length && (length == 0 || HashOfLineAt(file, length) is { } found && found.AsSpan().SequenceEqual(hash));

    /// <summary>What comes after; null when it is too much.</summary>
    public static byte[]? Read(FileStream file, long from) => file.Length - from <= MaxBytes ? ReadRange(file, from, file.Length) : null;

    /// <summary>The line that ends there, without its line feed; null when none does.</summary>
    public static ReadOnlyMemory<byte>? ReadLineAt(FileStream file, long end)
    {
        var line = ReadRange(file, Math.Max(0, end - MaxLineBytes), end);
        if (line[^1] != '\n')
            return null;

        var before = line.AsSpan(..^1).LastIndexOf((byte)'\n');
        return before >= 0 || line.Length == end ? line.AsMemory((before + 1)..^1) : null;
    }

    private static byte[]? HashOfLineAt(FileStream file, long end) => ReadLineAt(file, end) is { } line ? SHA256.HashData(line.Span) : null;

    private static byte[] ReadRange(FileStream file, long from, long to)
    {
        var bytes = new byte[to - from];
        file.Seek(from, SeekOrigin.Begin);
        file.ReadExactly(bytes);
        return bytes;
    }
}
