namespace WickrGateway.Audit;

/// <summary>Whether a process writes the audit file.</summary>
internal enum AuditFileUse
{
    Free,

    Held,

    /// <summary>The system cannot tell without taking the lock.</summary>
    Unknown,
}

/// <summary>How the end of the audit file fits to what its lock file remembers.</summary>
internal enum AuditFileCondition
{
    /// <summary>There is no file, and none is expected.</summary>
    New,

    Intact,

    /// <summary>A crash left a part of a line, which the next start records.</summary>
    Partial,

    /// <summary>Somebody replaced, cut or changed it; the next start notices and goes on in a new file.</summary>
    Changed,
}

/// <summary>The state of an audit file, found without changing it and without a lock, so that a gateway that writes it or starts meanwhile is not disturbed.</summary>
internal static class AuditFileInspection
{
    /// <summary>A file that is written to can be rolled between the looks at lock file and file.</summary>
    private const int MaxLooks = 3;

    /// <param name="path">As configured.</param>
    /// <exception cref="Exception">The file cannot be used; <see cref="Configuration.FileFault.IsUnusable"/> is true for it.</exception>
    public static (AuditFileUse Use, AuditFileCondition Condition) Inspect(string path, TimeProvider time)
    {
        path = AuditFileNames.Resolve(path);
        var lockPath = AuditFileLock.PathOf(path);
        // New files are created beside it, and full ones renamed.
        UnlockedFile.CheckWritable(Path.GetDirectoryName(path)!);
        foreach (var file in (string[])[path, lockPath])
        {
            if (Directory.Exists(file))
                throw new UnauthorizedAccessException();

            if (File.Exists(file))
                UnlockedFile.CheckWritable(file);
        }

        var condition = AuditFileCondition.Changed;
        for (var look = 0; look < MaxLooks && condition == AuditFileCondition.Changed; look++)
            condition = FindCondition(path, lockPath, time);

        return (FindUse(path), condition);
    }

    private static AuditFileUse FindUse(string path)
    {
        if (!File.Exists(path))
            return AuditFileUse.Free;

        using var file = UnlockedFile.OpenRead(path);
        return UnlockedFile.IsLocked(file) switch { true => AuditFileUse.Held, false => AuditFileUse.Free, null => AuditFileUse.Unknown };
    }

    private static AuditFileCondition FindCondition(string path, string lockPath, TimeProvider time)
    {
        // First: the file only grows, so what is remembered here must be in it.
        var remembered = ReadRemembered(lockPath);
        if (!File.Exists(path))
            return remembered is null || IsEndOfRolledFile(path, remembered, time) ? AuditFileCondition.New : AuditFileCondition.Changed;

        using var file = new FileStream(UnlockedFile.OpenRead(path), FileAccess.Read, bufferSize: 0);
        if (remembered is not null && !IsIn(file, remembered) && !IsEndOfRolledFile(path, remembered, time))
            return AuditFileCondition.Changed;

        var end = AuditFileTail.FindEnd(file);
        if (end is not null && !EndsWithAuditLine(file, end))
            return AuditFileCondition.Changed;

        return (end?.Length ?? 0) < file.Length ? AuditFileCondition.Partial : AuditFileCondition.Intact;
    }

    private static AuditFileEnd? ReadRemembered(string lockPath)
    {
        if (!File.Exists(lockPath))
            return null;

        using var file = UnlockedFile.OpenRead(lockPath);
        return AuditFileLock.Read(file);
    }

    /// <summary>After a stop nothing may follow what is remembered.</summary>
    private static bool IsIn(FileStream file, AuditFileEnd remembered) =>
        AuditFileTail.EndsAt(file, remembered.Length, remembered.Hash) && (!remembered.IsClosed || file.Length == remembered.Length);

    private static bool IsEndOfRolledFile(string path, AuditFileEnd remembered, TimeProvider time)
    {
        if (new AuditFileNames(path, time).LastRolled() is not { } rolled)
            return false;

        using var file = new FileStream(UnlockedFile.OpenRead(rolled), FileAccess.Read, bufferSize: 0);
        return file.Length == remembered.Length && AuditFileTail.EndsAt(file, remembered.Length, remembered.Hash);
    }

    private static bool EndsWithAuditLine(FileStream file, AuditFileEnd end) => AuditFileTail.ReadLineAt(file, end.Length) is { } line && AuditChain.Read(line) is not null;
}
