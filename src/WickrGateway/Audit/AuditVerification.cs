using System.Security.Cryptography;

namespace WickrGateway.Audit;

/// <summary>The result of verifying a chain.</summary>
/// <param name="Error">Where and how the chain is broken; null when it is intact.</param>
/// <param name="Notes">What is worth knowing though the chain is intact: partial lines that were recorded as such, a chain that begins before these files.</param>
internal sealed record VerificationResult(string? Error, long Lines, IReadOnlyList<string> Notes);

/// <summary>Checks the chain over files in the order they were written, line by line in constant memory.</summary>
internal sealed class AuditVerification
{
    /// <summary>Far longer than any audit line; a damaged file can be one line of gigabytes.</summary>
    private const int MaxLineLength = 4 * 1024 * 1024;

    private readonly List<string> _notes = [];
    private readonly bool _isContinued;
    private byte[]? _previous;
    private string? _partialLine;
    private bool _partialLineIsComplete;
    private long _lines;

    private AuditVerification(bool isContinued) => _isContinued = isContinued;

    /// <param name="isContinued">The beginning of the chain may be missing, because it is in older files.</param>
    public static VerificationResult Verify(IReadOnlyList<string> files, bool isContinued = false)
    {
        var check = new AuditVerification(isContinued);
        foreach (var file in files)
        {
            if (check.CheckFile(file) is { } error)
                return new VerificationResult(error, check._lines, check._notes);
        }

        // A crash at the very end is not recorded yet; but then the partial line has no line feed.
        if (check is { _partialLine: { } foreign, _partialLineIsComplete: true })
            return new VerificationResult($"{foreign}: is not an audit line", check._lines, check._notes);

        if (check._partialLine is { } partial)
            check._notes.Add($"{partial}: the last line is partial: a crash, or it is being written; the next start records it");

        return new VerificationResult(null, check._lines, check._notes);
    }

    private string? CheckFile(string file)
    {
        var number = 0L;
        foreach (var line in ReadLines(file))
        {
            number++;
            _lines++;
            if (CheckLine($"{file}:{number}", line.Text, line.IsComplete) is { } error)
                return error;
        }

        return null;
    }

    private string? CheckLine(string location, ReadOnlyMemory<byte> line, bool isComplete)
    {
        var read = AuditChain.Read(line);
        if (_partialLine is { } partial)
        {
            if (read?.Event != AuditChain.RecoveredEvent)
                return $"{partial}: is not an audit line";

            _notes.Add($"{partial}: a partial line left by a crash, recorded at the next start");
            _partialLine = null;
        }

        if (read is not { } link)
        {
            (_partialLine, _partialLineIsComplete) = (location, isComplete);
        }
        else if (_previous is null)
        {
            if (!link.Previous.AsSpan().SequenceEqual(AuditChain.Beginning))
            {
                if (!_isContinued)
                    return $"{location}: the beginning is missing; verify it together with the older files, or use --continued";

                _notes.Add($"{location}: the chain begins before these files");
            }
        }
        else if (!link.Previous.AsSpan().SequenceEqual(_previous))
        {
            return link.Event == AuditChain.ResumedEvent
                ? $"{location}: the lines before it were replaced, cut or changed; the gateway noticed, and the chain goes on here. Verify this file and those after it with --continued"
                : $"{location}: its hash does not match the line before it";
        }
        else if (link.Event == AuditChain.ResumedEvent)
        {
            _notes.Add($"{location}: someone moved or replaced the file before it; no line is missing here");
        }

        _previous = SHA256.HashData(line.Span);
        return null;
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Text, bool IsComplete)> ReadLines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[64 * 1024];
        var start = 0;
        var end = 0;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return (buffer.AsMemory(start, length), true);
                start += length + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end > MaxLineLength)
                break;

            if (end == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);

            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
                break;

            end += read;
        }

        if (end > 0)
            yield return (buffer.AsMemory(0, end), end > MaxLineLength);
    }
}
