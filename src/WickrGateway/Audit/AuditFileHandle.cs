using System.Security.Cryptography;
using System.Text;
using WickrGateway.Configuration;
using WickrGateway.Observability;

namespace WickrGateway.Audit;

/// <summary>
/// The file under the chain: its length, the hash of its last line, rolling, recovery after a crash or a failed write, and noticing that
/// another hand replaced, cut or changed it. For one thread only; a lock keeps other processes out, because two writers would break the
/// chain. What somebody else wrote is never cut: the file is set aside, and the chain goes on in a new one.
/// </summary>
internal sealed class AuditFileHandle : IDisposable
{
    private readonly AuditFileNames _names;
    private readonly TimeProvider _time;
    private readonly AuditFileLock _lock;
    private FileStream? _stream;
    private FileStamp _stamp;
    private byte[] _unconfirmed = [];
    private string? _resumedNote;
    private bool _isRecovered;

    private AuditFileHandle(string path, TimeProvider time)
    {
        path = AuditFileNames.Resolve(path);
        _names = new AuditFileNames(path, time);
        _time = time;
        // Before there is a lock file, which would stay.
        if (Directory.Exists(path))
            throw new UnauthorizedAccessException();

        _lock = new AuditFileLock(path);
    }

    public byte[] LastHash { get; private set; } = AuditChain.Beginning;

    /// <summary>In bytes; only what is on the disk.</summary>
    public long Length { get; private set; }

    /// <summary>What the start found; the handle itself logs nothing.</summary>
    public AuditFileStart Found { get; private set; } = new();

    public static AuditFileHandle Start(string path, TimeProvider time)
    {
        AuditFileHandle? handle = null;
        try
        {
            handle = new AuditFileHandle(path, time);
            handle.Recover();
            handle._isRecovered = true;
            return handle;
        }
        catch (Exception failure) when (FileFault.IsUnusable(failure))
        {
            handle?.Dispose();
            throw new SettingsException([$"Audit:Path: {FileFault.Describe(path, "opened", failure)}"]);
        }
    }

    /// <summary>To be called before lines are linked: the last hash can change here.</summary>
    /// <returns>Whether another hand replaced, cut or changed the file, so that the chain now goes on in a new one.</returns>
    public bool Prepare()
    {
        _lock.Ensure();
        if (_stream is null ? !Reopen() : !IsUnchanged(_stream))
            SetAside();

        if (_resumedNote is not { } note)
            return false;

        AppendNote("", LastHash, note);
        _resumedNote = null;
        return true;
    }

    /// <summary>Writes whole lines and waits until they are on the disk.</summary>
    public void Append(ReadOnlySpan<byte> lines, byte[] lastHash)
    {
        try
        {
            _stream!.Write(lines);
            _stream.Flush(flushToDisk: true);
            // With the name and length that are expected: the file may have been replaced or cut since the last look.
            _stamp = FileStamp.Of(_stream) with { Name = _stamp.Name, Length = Length + lines.Length };
            _lock.Remember(new AuditFileEnd(lastHash, Length + lines.Length, IsClosed: false));
        }
        catch
        {
            _unconfirmed = lines.ToArray();
            throw;
        }

        Length += lines.Length;
        LastHash = lastHash;
    }

    /// <summary>Renames the full file to a name that sorts by time and before the current one, and creates a new one. The chain continues.</summary>
    public void Roll()
    {
        Abandon();
        File.Move(_names.Current, _names.NextRolled());
        (Length, _unconfirmed) = (0, []);
        Open();
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
        // After a failure the file may end in bytes that are not known, which the next start must expect.
        _lock.Close(isClean: _isRecovered && _stream is not null);
        Abandon();
    }

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        _stream = new FileStream(_names.Current, options);
        // Keeps out a process that got past the lock file because somebody removed it, or through a hard link. Readers are not affected.
        if (OperatingSystem.IsLinux())
            _stream.Lock(0, 1);

        _stream.Seek(0, SeekOrigin.End);
        _stamp = FileStamp.Of(_stream);
        return _stream;
    }

    private bool IsUnchanged(FileStream stream) => FileStamp.Of(stream) == _stamp && File.Exists(_names.Current);

    /// <summary>False when the file is not the one that was written so far.</summary>
    private bool Reopen()
    {
        if (!File.Exists(_names.Current) && Length > 0)
            return false;

        var stream = Open();
        if (!AuditFileTail.EndsAt(stream, Length, LastHash) || AuditFileTail.Read(stream, Length) is not { } rest || !_unconfirmed.AsSpan().StartsWith(rest))
            return false;

        // What is cut here is only the rest of our own failed write, whose calls were refused.
        if (rest.Length > 0)
            stream.SetLength(Length);

        _unconfirmed = [];
        stream.Seek(0, SeekOrigin.End);
        _stamp = FileStamp.Of(stream);
        return true;
    }

    private void SetAside()
    {
        Abandon();
        string? aside = null;
        if (File.Exists(_names.Current))
        {
            aside = _names.NextRolled();
            File.Move(_names.Current, aside);
        }

        (Length, _unconfirmed) = (0, []);
        _resumedNote = Note("Critical", AuditChain.ResumedEvent, $"\"setAside\":{(aside is null ? "null" : $"\"{Path.GetFileName(aside)}\"")}");
        Open();
    }

    /// <summary>Finds the end of the chain. What cannot be its end, because somebody changed it, is set aside.</summary>
    private void Recover()
    {
        var existed = File.Exists(_names.Current);
        var stream = Open();
        var remembered = _lock.Remembered;
        var start = FindStart(stream, remembered);
        if (start is not { } from || AuditFileTail.Read(stream, from) is not { } rest || (rest.Length > 0 && remembered is { IsClosed: true }) || FollowChain(rest) is not { } found)
        {
            LastHash = remembered?.Hash ?? LastHash;
            if (!existed)
                File.Delete(_names.Current);

            SetAside();
            Prepare();
            Found = new AuditFileStart { IsChanged = true };
            return;
        }

        Found = found with { IsUnremembered = remembered is null && stream.Length > 0 };
        Length = stream.Length;
        stream.Seek(0, SeekOrigin.End);
        if (found.PartialBytes > 0)
            AppendNote("\n", SHA256.HashData(rest.AsSpan()[^found.PartialBytes..]), Note("Warning", AuditChain.RecoveredEvent, $"\"tornBytes\":{found.PartialBytes}"));
        else if (Length > 0)
            _lock.Remember(new AuditFileEnd(LastHash, Length, IsClosed: false));
    }

    /// <summary>Where in the file the lines begin that come after <see cref="LastHash"/>, which is set here; null when the remembered line is not there.</summary>
    private long? FindStart(FileStream stream, AuditFileEnd? remembered)
    {
        var rolled = _names.LastRolled() is { } file ? AuditFileTail.FindEnd(file) : null;
        var end = remembered ?? AuditFileTail.FindEnd(stream);
        LastHash = end?.Hash ?? rolled?.Hash ?? AuditChain.Beginning;
        if (end is null)
            return 0;

        if (AuditFileTail.EndsAt(stream, end.Length, end.Hash))
            return end.Length;

        return rolled is not null && rolled.Length == end.Length && rolled.Hash.AsSpan().SequenceEqual(end.Hash) ? 0 : null;
    }

    /// <summary>Lines that were written before a crash, but are not remembered; null when they are not the chain's.</summary>
    private AuditFileStart? FollowChain(byte[] rest)
    {
        var (lines, from) = (0, 0);
        for (var length = rest.AsSpan().IndexOf((byte)'\n'); length >= 0; length = rest.AsSpan(from).IndexOf((byte)'\n'))
        {
            if (AuditChain.Read(rest.AsMemory(from, length)) is not { } link || !link.Previous.AsSpan().SequenceEqual(LastHash))
                return null;

            LastHash = SHA256.HashData(rest.AsSpan(from, length));
            from += length + 1;
            lines++;
        }

        return new AuditFileStart { UnrememberedLines = lines, PartialBytes = rest.Length - from };
    }

    private void AppendNote(string lineStart, byte[] previous, string note)
    {
        var line = AuditChain.Link(previous, Encoding.UTF8.GetBytes(note));
        Append([.. Encoding.UTF8.GetBytes(lineStart), .. line, .. "\n"u8], SHA256.HashData(line));
    }

    private string Note(string level, string name, string field) =>
        $$"""{"time":"{{LineTime.Format(_time.GetUtcNow())}}","level":"{{level}}","source":"{{AuditTrail.Source}}","event":"{{name}}",{{field}}}""";
}

/// <summary>What the start found in the file.</summary>
internal sealed record AuditFileStart
{
    /// <summary>Somebody replaced, cut or changed the file while it was not written, so that the chain goes on in a new one.</summary>
    public bool IsChanged { get; init; }

    /// <summary>The lock file did not remember the last line, so that a change could not be noticed.</summary>
    public bool IsUnremembered { get; init; }

    /// <summary>Lines of the chain after the remembered one: a crash came between the two, or somebody added them.</summary>
    public int UnrememberedLines { get; init; }

    /// <summary>The length of a partial last line that a crash left.</summary>
    public int PartialBytes { get; init; }
}
