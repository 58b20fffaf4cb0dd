using System.Security.Cryptography;

namespace WickrGateway.Audit;

/// <summary>What the check of a chain found; without a fault the chain holds.</summary>
/// <param name="Notes">What is no break but worth knowing: torn lines that were noted as such, a chain that begins before these files.</param>
internal sealed record VerificationResult(string? Fault, long Lines, IReadOnlyList<string> Notes);

/// <summary>Checks the chain over files in the order they were written, line by line in constant memory.</summary>
internal sealed class AuditVerification
{
    private readonly List<string> _notes = [];
    private byte[]? _previous;
    private string? _torn;
    private bool _isTornWhole;
    private long _lines;

    private AuditVerification()
    {
    }

    public static VerificationResult Verify(IReadOnlyList<string> files)
    {
        var check = new AuditVerification();
        foreach (var file in files)
        {
            if (check.File(file) is { } fault)
                return new VerificationResult(fault, check._lines, check._notes);
        }

        // At the very end there is nobody yet to have noted a crash; but a crash leaves no line end.
        if (check is { _torn: { } foreign, _isTornWhole: true })
            return new VerificationResult($"{foreign}: is not an audit line", check._lines, check._notes);

        if (check._torn is { } torn)
            check._notes.Add($"{torn}: the last line is torn: a crash, or it is being written; the next start will note it");

        return new VerificationResult(null, check._lines, check._notes);
    }

    private string? File(string file)
    {
        var number = 0L;
        foreach (var line in Lines(file))
        {
            number++;
            _lines++;
            if (Line($"{file}:{number}", line.Text, line.IsWhole) is { } fault)
                return fault;
        }

        return null;
    }

    private string? Line(string place, ReadOnlyMemory<byte> line, bool isWhole)
    {
        var read = AuditChain.Read(line);
        if (_torn is { } torn)
        {
            if (read?.Event != AuditChain.RecoveredEvent)
                return $"{torn}: is not an audit line";

            _notes.Add($"{torn}: torn by a crash, and noted as such at the next start");
            _torn = null;
        }

        if (read is not { } link)
        {
            (_torn, _isTornWhole) = (place, isWhole);
        }
        else if (_previous is null)
        {
            if (!link.Previous.AsSpan().SequenceEqual(AuditChain.Beginning))
                _notes.Add($"{place}: the chain begins before these files");
        }
        else if (!link.Previous.AsSpan().SequenceEqual(_previous))
        {
            return $"{place}: does not follow on the line before it";
        }

        _previous = SHA256.HashData(line.Span);
        return null;
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Text, bool IsWhole)> Lines(string file)
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
            if (end == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);

            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
                break;

            end += read;
        }

        if (end > 0)
            yield return (buffer.AsMemory(0, end), false);
    }
}
