using System.Globalization;

namespace WickrGateway.Audit;

/// <summary>The name of the current file, and those of the full ones beside it, which sort by time and before the current one.</summary>
internal sealed class AuditFileNames(string path, TimeProvider time)
{
    private const string RollFormat = "yyyyMMdd'T'HHmmssfff'Z'";

    /// <summary>The file itself: two links to one file would otherwise have two locks.</summary>
    public static string Resolve(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>The full path.</summary>
    public string Current => path;

    private string Before => $"{Path.GetFileNameWithoutExtension(path)}.";

    /// <summary>A new name, always later than the last one, even when the clock was set back: the names must sort as the chain runs.</summary>
    public string NextRolled()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return Rolled(LastRoll() is { } last && last >= now.AddMilliseconds(-1) ? last.AddMilliseconds(1) : now);
    }

    /// <summary>The newest of the full files; null when there is none.</summary>
    public string? LastRolled() => LastRoll() is { } last ? Rolled(last) : null;

    private string Rolled(DateTime at) =>
        Path.Combine(Path.GetDirectoryName(path)!, $"{Before}{at.ToString(RollFormat, CultureInfo.InvariantCulture)}{Path.GetExtension(path)}");

    private DateTime? LastRoll() => Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Max(RolledAt);

    /// <summary>Null for every file that is not a rolled one.</summary>
    private DateTime? RolledAt(string file)
    {
        var name = Path.GetFileName(file.AsSpan());
        var (before, after) = (Before, Path.GetExtension(path));
        return name.Length > before.Length + after.Length
            && name.StartsWith(before, StringComparison.Ordinal)
            && name.EndsWith(after, StringComparison.Ordinal)
            && DateTime.TryParseExact(
                name[before.Length..^after.Length], RollFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;
    }
}
