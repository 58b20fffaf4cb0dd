using System.ComponentModel;

namespace WickrGateway.Configuration;

/// <summary>Why a file that the settings name cannot be used, in a few words: its path is no secret, and .NET's own texts do not tell a directory from a missing permission.</summary>
internal static class FileFault
{
    // EAGAIN on Linux and macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows.
    private static readonly int[] Locked = OperatingSystem.IsWindows() ? [32, 33] : OperatingSystem.IsMacOS() ? [35] : [11];

    public static bool IsUnusable(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <param name="verb">What failed, such as <c>opened</c>.</param>
    /// <returns>Path and cause in one line, such as <c>/var/log/audit.jsonl cannot be opened: no permission</c>.</returns>
    public static string Describe(string path, string verb, Exception cause)
    {
        var full = FullPath(path);
        return $"{Printable(full)} cannot be {verb}: {DescribeCause(full, cause)}";
    }

    /// <summary>As it is found from the working directory, which the operator may not know.</summary>
    public static string FullPath(string path) => path.Contains('\0', StringComparison.Ordinal) ? path : Path.GetFullPath(path);

    /// <summary>Without characters that would make more than one line of it.</summary>
    public static string Printable(string path) => string.Concat(path.Select(character => char.IsControl(character) ? '?' : character));

    private static string DescribeCause(string path, Exception cause) => cause switch
    {
        ArgumentException or NotSupportedException => "it is not a valid path",
        PathTooLongException => "the path is too long",
        _ when Directory.Exists(path) => "it is a directory",
        _ when Path.GetDirectoryName(path) is { } directory && !Directory.Exists(directory) && cause is DirectoryNotFoundException or FileNotFoundException => $"the directory {Printable(directory)} does not exist",
        FileNotFoundException or DirectoryNotFoundException => "the file does not exist",
        UnauthorizedAccessException => "no permission",
        _ when Locked.Contains(cause.HResult & 0xFFFF) => "it is locked by another process",
        _ => new Win32Exception(cause.HResult & 0xFFFF).Message,
    };
}
