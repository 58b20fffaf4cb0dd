using WickrGateway.Audit;

namespace WickrGateway.Commands;

/// <summary><c>verify-audit</c>: checks the hash chain of audit files.</summary>
internal static class VerifyAuditCommand
{
    public const string Name = "verify-audit";
    public const string Usage = $"{Name} [{Continued}] <file>… with the oldest file first; {Continued} when the beginning of the chain is in older files that are not given";

    private const string Continued = "--continued";

    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        string[] files = [.. args.Where(arg => arg != Continued)];
        if (files.Length == 0)
        {
            error.WriteLine($"usage: {Usage}");
            return CommandLine.UsageError;
        }

        try
        {
            var result = AuditVerification.Verify(files, isContinued: files.Length < args.Length);
            foreach (var note in result.Notes)
                output.WriteLine($"note: {note}");

            if (result.Error is { } location)
            {
                output.WriteLine($"The chain is broken at {location}.");
                return CommandLine.Failed;
            }

            output.WriteLine($"The chain is intact: {result.Lines} lines in {files.Length} files.");
            return CommandLine.Success;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error.WriteLine(unreadable.Message);
            return CommandLine.UsageError;
        }
    }
}
