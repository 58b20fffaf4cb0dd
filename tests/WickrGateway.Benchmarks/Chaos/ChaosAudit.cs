using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>The audit of a run: the lines on standard output of every start, and an audit file that can be replaced once.</summary>
internal sealed class ChaosAudit : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wickr-gateway-chaos-");
    private readonly List<AuditLine> _output = [];

    public string Path => System.IO.Path.Combine(_folder.FullName, "audit.jsonl");

    /// <summary>Null when it was not replaced.</summary>
    public DateTimeOffset? ReplacedAt { get; private set; }

    /// <summary>Another name of the replaced file, so that its lines, and those that are still written to it, are not lost for the report.</summary>
    private string ReplacedPath => System.IO.Path.Combine(_folder.FullName, "replaced");

    /// <summary>Takes a line of standard output; lines that are not the audit's are ignored.</summary>
    public void Add(ReadOnlyMemory<byte> line)
    {
        if (AuditLine.Parse(line) is not { } audit)
            return;

        lock (_output)
            _output.Add(audit);
    }

    /// <summary>Puts an empty file in its place in one step, as <c>sed -i</c> and many editors replace files.</summary>
    public void Replace()
    {
        Tools.Run("ln", [Path, ReplacedPath], TimeSpan.FromSeconds(5));
        var empty = System.IO.Path.Combine(_folder.FullName, "empty");
        File.WriteAllBytes(empty, []);
        File.Move(empty, Path, overwrite: true);
        ReplacedAt = DateTimeOffset.UtcNow;
    }

    /// <summary>Each line once, wherever it was written.</summary>
    public IReadOnlyList<AuditLine> ReadAll()
    {
        var replaced = File.Exists(ReplacedPath) ? AuditLine.ReadFile(ReplacedPath) : [];
        return [.. _output.Concat(ReadFiles()).Concat(replaced).DistinctBy(line => (line.Event, line.TraceId))];
    }

    /// <summary>The number of lines of calls sent to Wickr that standard output has and the files do not, though they were written after the replacement.</summary>
    public int CountMissingSinceReplacement()
    {
        if (ReplacedAt is not { } replaced)
            return 0;

        var inFiles = ReadFiles().Select(line => (line.Event, line.TraceId)).ToHashSet();
        return _output.Count(line => line.Time > replaced && (line.Event == AuditLine.Requested || line.Attempts > 0) && !inFiles.Contains((line.Event, line.TraceId)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private IEnumerable<AuditLine> ReadFiles() => _folder.EnumerateFiles("*.jsonl").SelectMany(file => AuditLine.ReadFile(file.FullName));
}
