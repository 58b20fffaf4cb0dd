using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>What the audit lines of one place, standard output or the files, add up to.</summary>
internal sealed class SoakAudit
{
    private readonly Dictionary<string, int> _completed = new(StringComparer.Ordinal);

    public int Requested { get; private set; }

    public int Attempts { get; private set; }

    public static SoakAudit OfFiles(IEnumerable<string> files)
    {
        var audit = new SoakAudit();
        foreach (var line in files.SelectMany(AuditLine.ReadFile))
            audit.Add(line);

        return audit;
    }

    /// <summary>Takes any line of standard output. For one thread only.</summary>
    public void Add(ReadOnlyMemory<byte> line)
    {
        if (AuditLine.Parse(line) is { } audit)
            Add(audit);
    }

    /// <summary>The number of completed requests that ended with this problem, or with <see cref="SoakLoad.None"/>.</summary>
    public int Completed(string problem) => _completed.GetValueOrDefault(problem);

    private void Add(AuditLine line)
    {
        if (line.Event == AuditLine.Requested)
            Requested++;

        if (line.Event != AuditLine.Completed)
            return;

        var problem = line.Problem ?? SoakLoad.None;
        _completed[problem] = Completed(problem) + 1;
        Attempts += line.Attempts ?? 0;
    }
}
