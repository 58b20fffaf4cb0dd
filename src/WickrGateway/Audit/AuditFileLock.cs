using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace WickrGateway.Audit;

/// <summary>
/// The lock file beside the audit file. It keeps other processes out, and it remembers where the chain ends, so that a change of the audit
/// file while the gateway is stopped shows at the next start.
/// </summary>
internal sealed class AuditFileLock
{
    private const int HashDigits = 64;

    private readonly string _path;
    private FileStream _file;
    private string? _name;

    public AuditFileLock(string auditPath)
    {
        _path = PathOf(auditPath);
        _file = Open();
        _name = FileStamp.NameOf(_file.SafeFileHandle);
        Remembered = Read(_file.SafeFileHandle);
    }

    public static string PathOf(string auditPath) => $"{auditPath}.lock";

    /// <summary>Null when nothing was remembered yet.</summary>
    public AuditFileEnd? Remembered { get; private set; }

    /// <summary>Takes the lock again when somebody removed the file.</summary>
    /// <exception cref="IOException">Another process has taken it.</exception>
    public void Ensure()
    {
        if (FileStamp.NameOf(_file.SafeFileHandle) == _name && File.Exists(_path))
            return;

        var file = Open();
        _file.Dispose();
        (_file, _name) = (file, FileStamp.NameOf(file.SafeFileHandle));
        if (Remembered is { } end)
            Remember(end);
    }

    /// <summary>It need not reach the disk at once: after a crash of the machine the audit file may have more lines than are remembered here.</summary>
    public void Remember(AuditFileEnd end)
    {
        // Always of the same length, so that one write replaces it.
        RandomAccess.Write(_file.SafeFileHandle, Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(end.Hash)} {end.Length:D20} {(end.IsClosed ? "closed" : "open  ")}\n"), fileOffset: 0);
        Remembered = end;
    }

    /// <param name="isClean">Whether the audit file ends where it is remembered to end.</param>
    public void Close(bool isClean)
    {
        try
        {
            if (isClean && Remembered is { } end)
                Remember(end with { IsClosed = true });
        }
        catch (IOException)
        {
            // Then the next start is as after a crash.
        }

        _file.Dispose();
    }

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return new FileStream(_path, options);
    }

    /// <summary>What a lock file remembers; null when that is nothing.</summary>
    public static AuditFileEnd? Read(SafeFileHandle file)
    {
        var line = new byte[256];
        var fields = Encoding.ASCII.GetString(line, 0, RandomAccess.Read(file, line, fileOffset: 0)).Split(' ', StringSplitOptions.TrimEntries);
        return fields is [{ Length: HashDigits } hash, var length, var state, ..] && hash.All(char.IsAsciiHexDigit) && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var end) && end > 0
            ? new AuditFileEnd(Convert.FromHexString(hash), end, state == "closed")
            : null;
    }
}
