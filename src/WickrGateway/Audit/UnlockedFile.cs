using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WickrGateway.Audit;

/// <summary>
/// Opens a file without the lock (<c>flock</c>) that .NET takes on every file that it opens: with it, looking at a lock file that is free could keep
/// out a gateway that starts at that moment.
/// </summary>
internal static class UnlockedFile
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int WriteAndSearch = 2 | 1;
    private const int Write = 2;
    private const int NoSuchFile = 2;
    private const int PermissionDenied = 13;
    private const int GetLock = 5;
    private const short WriteLock = 1;
    private const short NoLock = 2;

    public static SafeFileHandle OpenRead(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // Without waiting for a writer, if somebody has put a pipe in its place.
        var file = Open(path, ReadOnly | CloseOnExec | NonBlocking);
        if (!file.IsInvalid)
            return file;

        var error = Marshal.GetLastPInvokeError();
        file.Dispose();
        throw Failure(error);
    }

    /// <summary>Asks the system whether this process could write, and writes nothing.</summary>
    /// <exception cref="IOException">It could not.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not.</exception>
    public static void CheckWritable(string path)
    {
        if (!OperatingSystem.IsWindows() && Access(path, Directory.Exists(path) ? WriteAndSearch : Write) != 0)
            throw Failure(Marshal.GetLastPInvokeError());
    }

    /// <summary>Whether another process has the lock on the file's first byte that a writer has; null where only taking it would tell.</summary>
    public static bool? IsLocked(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
            return null;

        // F_GETLK only asks who would be in the way of such a lock.
        var range = new Lock { Type = WriteLock, Start = 0, Length = 1 };
        return Control(file, GetLock, ref range) == 0 ? range.Type != NoLock : null;
    }

    /// <summary>As .NET would throw it.</summary>
    private static Exception Failure(int error) => error switch
    {
        NoSuchFile => new FileNotFoundException(),
        PermissionDenied => new UnauthorizedAccessException(),
        _ => new IOException(new Win32Exception(error).Message, error),
    };

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "access", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle file, int command, ref Lock range);

    /// <summary><c>struct flock</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Lock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }
}
