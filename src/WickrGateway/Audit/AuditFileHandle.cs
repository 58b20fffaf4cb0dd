using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Configuration;

namespace WickrGateway.Audit;

/// <summary>
/// The file under the chain: its length, the hash of its last line, rolling, and recovery after a crash or a failed write. For one thread
/// only; a lock file keeps other processes out, because two writers would break the chain.
/// </summary>
internal sealed class AuditFileHandle : IDisposable
{
    private const string RollFormat = "yyyyMMdd'T'HHmmssfff'Z'";

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private FileStream? _stream;

    private AuditFileHandle(string path, TimeProvider time)
    {
        _path = Path.GetFullPath(path);
        _time = time;
        _lock = new FileStream($"{_path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public byte[] LastHash { get; private set; } = AuditChain.Beginning;

    /// <summary>In bytes; only what is on the disk.</summary>
    public long Length { get; private set; }

    /// <summary>The length of a partial last line that a crash left; 0 when there is none.</summary>
    public int PartialBytes { get; private set; }

    public static AuditFileHandle Start(string path, TimeProvider time)
    {
        AuditFileHandle? handle = null;
        try
        {
            handle = new AuditFileHandle(path, time);
            handle.Recover();
            return handle;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            handle?.Dispose();
            throw new SettingsException([$"Audit:Path: cannot be opened for writing, or another process uses it ({failure.GetType().Name})"]);
        }
    }

    /// <summary>Writes whole lines and waits until they are on the disk.</summary>
    public void Append(ReadOnlySpan<byte> lines, byte[] lastHash)
    {
        // Lines written to a file that something else removed or truncated would be lost unnoticed.
        if (_stream is not null && (_stream.Length != Length || !File.Exists(_path)))
            Abandon();

        _stream ??= Reopen();
        _stream.Write(lines);
        _stream.Flush(flushToDisk: true);
        Length += lines.Length;
        LastHash = lastHash;
    }

    /// <summary>Renames the full file to a name that sorts by time and before the current one, and creates a new one. The chain continues.</summary>
    public void Roll()
    {
        // Remains of a failed write are removed first.
        (_stream ?? Reopen()).Dispose();
        _stream = null;
        if (File.Exists(_path))
            File.Move(_path, RolledName(NextRoll()));

        Length = 0;
        _stream = Open();
    }

    /// <summary>After a failure: the next append reopens the file and removes what is not known to be on the disk.</summary>
    public void Abandon()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (IOException)
        {
            // It has failed already.
        }

        _stream = null;
    }

    public void Dispose()
    {
        Abandon();
        _lock.Dispose();
    }

    private FileStream Open() => new(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private FileStream Reopen()
    {
        var stream = Open();
        if (stream.Length > Length)
            stream.SetLength(Length);

        Length = stream.Length;
        stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    private void Recover()
    {
        _stream = Open();
        var last = LastLine(_stream);
        if (last is null && LastRoll() is { } rolled)
        {
            using var stream = new FileStream(RolledName(rolled), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            last = LastLine(stream);
        }

        LastHash = last is { } line ? SHA256.HashData(line.Text) : AuditChain.Beginning;
        Length = _stream.Length;
        _stream.Seek(0, SeekOrigin.End);
        if (last is not { IsComplete: false } partial)
            return;

        PartialBytes = partial.Text.Length;
        var note = Encoding.UTF8.GetBytes(
            $$"""{"time":"{{_time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")}}","level":"Warning","source":"{{AuditTrail.Source}}","event":"{{AuditChain.RecoveredEvent}}","tornBytes":{{PartialBytes}}}""");
        var noted = AuditChain.Link(LastHash, note);
        Append([.. "\n"u8, .. noted, .. "\n"u8], SHA256.HashData(noted));
    }

    /// <summary>Null when the file is empty.</summary>
    private static (byte[] Text, bool IsComplete)? LastLine(FileStream stream)
    {
        for (var size = 64L * 1024; stream.Length > 0; size *= 4)
        {
            var tail = new byte[Math.Min(size, stream.Length)];
            stream.Seek(-tail.Length, SeekOrigin.End);
            stream.ReadExactly(tail);
            var isComplete = tail[^1] == '\n';
            var end = isComplete ? tail.Length - 1 : tail.Length;
            var before = tail.AsSpan(0, end).LastIndexOf((byte)'\n');
            if (before >= 0 || tail.Length == stream.Length)
                return (tail[(before + 1)..end], isComplete);
        }

        return null;
    }

    /// <summary>The current time, but always later than the last roll, even when the clock was set back: the names must sort as the chain runs.</summary>
    private DateTime NextRoll()
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return LastRoll() is { } last && last >= now.AddMilliseconds(-1) ? last.AddMilliseconds(1) : now;
    }

    private DateTime? LastRoll() => Directory.EnumerateFiles(Path.GetDirectoryName(_path)!).Max(RolledAt);

    /// <summary>Null for every file that is not a rolled one.</summary>
    private DateTime? RolledAt(string file)
    {
        var name = Path.GetFileName(file.AsSpan());
        var (before, after) = ($"{Path.GetFileNameWithoutExtension(_path)}.", Path.GetExtension(_path));
        return name.Length > before.Length + after.Length
            && name.StartsWith(before, StringComparison.Ordinal)
            && name.EndsWith(after, StringComparison.Ordinal)
            && DateTime.TryParseExact(
                name[before.Length..^after.Length], RollFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;
    }

    private string RolledName(DateTime at) => Path.Combine(
        Path.GetDirectoryName(_path)!,
        $"{Path.GetFileNameWithoutExtension(_path)}.{at.ToString(RollFormat, CultureInfo.InvariantCulture)}{Path.GetExtension(_path)}");
}
