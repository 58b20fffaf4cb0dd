using System.ComponentModel;
using System.Runtime.InteropServices;

namespace WickrGateway.Hosting;

/// <summary>
/// <c>write(2)</c> on standard output. .NET's own console stream hides that the reader has gone away (EPIPE), and a file stream would write at
/// positions of its own into a file that standard error shares.
/// </summary>
internal static class OutputDescriptor
{
    private const int StandardOutput = 1;
    private const string Path = "/proc/self/fd/1";

    /// <summary>In bytes (PIPE_BUF of Linux): a pipe takes so many at once or not at all.</summary>
    private const int MaxWhole = 4096;

    /// <summary>O_WRONLY, O_NONBLOCK and O_CLOEXEC of Linux.</summary>
    private const int OpenFlags = 1 | 0x800 | 0x80000;
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int Interrupted = 4;
    private const int BadDescriptor = 9;
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(10);

    private static readonly Stream? Console = OperatingSystem.IsWindows() ? System.Console.OpenStandardOutput() : null;

    /// <summary>
    /// When the process is started without standard output, the first file that it opens gets the number 1, and lines must not go there. What
    /// was inherited has no close-on-exec flag, and the runtime's own files have it.
    /// </summary>
    private static readonly bool IsClosed = Console is null && GetFlags(StandardOutput, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);

    /// <summary>
    /// For a pipe, as container engines give it, on Linux: the pipe opened once more, so that the flag which makes writes not wait is not shared with
    /// other processes. Negative when standard output is anything else, or may not be opened.
    /// </summary>
    private static readonly int Pipe = OperatingSystem.IsLinux() && !IsClosed && new FileInfo(Path).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true
        ? Open(Path, OpenFlags)
        : -1;

    /// <summary>Null where a write may have to wait.</summary>
    public static TryWriteBytes? TryWrite => Pipe < 0 ? null : static bytes => bytes.Length <= MaxWhole && Write(Pipe, in MemoryMarshal.GetReference(bytes), bytes.Length) == bytes.Length;

    /// <summary>Waits until the operating system has taken some of the bytes, and returns their number.</summary>
    /// <exception cref="IOException">Standard output is closed or full, or nothing reads it any more.</exception>
    public static int Write(ReadOnlySpan<byte> bytes)
    {
        if (Console is { } console)
        {
            console.Write(bytes);
            return bytes.Length;
        }

        if (IsClosed)
            throw Failure(BadDescriptor);

        while (true)
        {
            var written = Write(StandardOutput, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written >= 0)
                return (int)written;

            var error = Marshal.GetLastPInvokeError();
            // Another process that shares the pipe can have made it non-blocking. Only the writer's own thread waits here.
            if (error == WouldBlock)
                Thread.Sleep(RetryInterval);
            else if (error != Interrupted)
                throw Failure(error);
        }
    }

    private static IOException Failure(int error) => new(new Win32Exception(error).Message);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Write(int descriptor, ref readonly byte bytes, nint count);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetFlags(int descriptor, int command);
}
