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

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetFlags(int descriptor, int command);
}
