using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Configuration;

namespace WickrGateway.Audit;

/// <summary>
/// The file under the chain: where it ends, the hash of its last line, rolling, and what a crash or a failed write left behind. For one
/// thread; a lock file keeps other processes out, since two writers would make two chains of one.
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

    /// <summary>In bytes: what is known to be on the disk.</summary>
    public long Length { get; private set; }

    /// <summary>How long the line was that a crash cut; 0 when there was none.</summary>
    public int TornBytes { get; private set; }

    public static AuditFileHandle Start(string path, TimeProvider time)
    {
        AuditFileHandle? handle = null;
        try
        {
            handle = new AuditFileHandle(path, time);
            handle.Recover();
            return handle;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            handle?.Dispose();
            throw new SettingsException([$"Audit:Path: cannot be opened for writing, or another process has it ({fault.GetType().Name})"]);
        }
    }

    /// <summary>Writes whole lines and waits until they are on the disk.</summary>
    public void Append(ReadOnlySpan<byte> lines, byte[] lastHash)
    {
        // A file that another hand took away or cut would swallow the lines unseen.
        if (_stream is not null && (_stream.Length != Length || !File.Exists(_path)))
            Abandon();

        _stream ??= Reopen();
        _stream.Write(lines);
        _stream.Flush(flushToDisk: true);
        Length += lines.Length;
        LastHash = lastHash;
    }

    /// <summary>Sets the full file aside under a name that sorts by time and before the current one, and begins a new one. The chain goes on.</summary>
    public void Roll()
    {
        // What a failed write left behind does not go along.
        (_stream ?? Reopen()).Dispose();
        _stream = null;
        if (File.Exists(_path))
            File.Move(_path, RolledName(NextRoll()));

        Length = 0;
        _stream = Open();
    }

    /// <summary>After a failure: the next append begins anew, and takes back what was written but not known to be kept.</summary>
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
        if (last is not { IsWhole: false } torn)
            return;

        TornBytes = torn.Text.Length;
        var note = Encoding.UTF8.GetBytes(
            $$"""{"time":"{{_time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")}}","level":"Warning","source":"{{AuditTrail.Source}}","event":"{{AuditChain.RecoveredEvent}}","tornBytes":{{TornBytes}}}""");
        var noted = AuditChain.Link(LastHash, note);
        Append([.. "\n"u8, .. noted, .. "\n"u8], SHA256.HashData(noted));
    }

    /// <summary>Null when the file is empty.</summary>
    private static (byte[] Text, bool IsWhole)? LastLine(FileStream stream)
    {
        for (var size = 64L * 1024; stream.Length > 0; size *= 4)
        {
            var tail = new byte[Math.Min(size, stream.Length)];
            stream.Seek(-tail.Length, SeekOrigin.End);
            stream.ReadExactly(tail);
            var isWhole = tail[^1] == '\n';
            var end = isWhole ? tail.Length - 1 : tail.Length;
            var before = tail.AsSpan(0, end).LastIndexOf((byte)'\n');
            if (before >= 0 || tail.Length == stream.Length)
                return (tail[(before + 1)..end], isWhole);
        }

        return null;
    }

    /// <summary>Now, but after the last roll even when the clock was set back: the order of the names is the order of the chain.</summary>
    private DateTime NextRoll()
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return LastRoll() is { } last && last >= now.AddMilliseconds(-1) ? last.AddMilliseconds(1) : now;
    }

    private DateTime? LastRoll() => Directory.EnumerateFiles(Path.GetDirectoryName(_path)!).Max(RolledAt);

    /// <summary>Null for every other file, and for one that only looks like one of these.</summary>
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
