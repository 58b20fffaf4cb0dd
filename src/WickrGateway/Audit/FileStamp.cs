using Microsoft.Win32.SafeHandles;

namespace WickrGateway.Audit;

/// <summary>What changes when another hand replaces, moves, cuts or changes an open file.</summary>
/// <param name="Name">Where the system finds the open file now; it ends in "(deleted)" when another file has its name. Null where the system cannot tell.</param>
internal readonly record struct FileStamp(string? Name, DateTime Written, long Length)
{
    public static FileStamp Of(FileStream file) => new(NameOf(file.SafeFileHandle), File.GetLastWriteTimeUtc(file.SafeFileHandle), file.Length);

    public static string? NameOf(SafeFileHandle file) =>
        OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget : null;
}
