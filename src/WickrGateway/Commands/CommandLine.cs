using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Audit;

namespace WickrGateway.Commands;

/// <summary>What the program does besides serving: <c>hash-key</c> and <c>verify-audit</c>. Neither needs settings.</summary>
internal static class CommandLine
{
    private const int Done = 0;
    private const int Refuted = 1;
    private const int Misused = 2;

    private const int KeyLength = 32;

    /// <summary>The exit code; null when the arguments name no command.</summary>
    public static int? Run(string[] args) => args switch
    {
        ["hash-key"] => HashKey(Console.IsInputRedirected ? Console.In : TextReader.Null, Console.Out, Console.Error),
        ["verify-audit", _, ..] => VerifyAudit(args[1..], Console.Out, Console.Error),
        ["hash-key", ..] => Misuse("usage: hash-key < file-with-the-key, or without input to make a new key"),
        ["verify-audit"] => Misuse("usage: verify-audit <file>… with the oldest file first"),
        _ => null,
    };

    /// <summary>Prints the hash of the key that comes in; without one makes a key and prints both, the only time it is seen.</summary>
    public static int HashKey(TextReader input, TextWriter output, TextWriter error)
    {
        var key = input.ReadToEnd().TrimEnd('\r', '\n');
        if (key.Length == 0)
        {
            key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyLength));
            output.WriteLine($"X-Api-Key: {key}");
            output.WriteLine($"ApiKeySha256: {Hash(key)}");
            return Done;
        }

        if (key.Any(character => character is < '!' or > '~'))
        {
            error.WriteLine("A key is one line of printable ASCII characters without spaces: anything else cannot be sent in a header as it is.");
            return Misused;
        }

        output.WriteLine(Hash(key));
        return Done;
    }

    public static int VerifyAudit(string[] files, TextWriter output, TextWriter error)
    {
        try
        {
            var result = AuditVerification.Verify(files);
            foreach (var note in result.Notes)
                output.WriteLine($"note: {note}");

            output.WriteLine(result.Error is null ? $"The chain holds: {result.Lines} lines in {files.Length} files." : $"The chain is broken at {result.Error}.");
            return result.Error is null ? Done : Refuted;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error.WriteLine(unreadable.Message);
            return Misused;
        }
    }

    private static int Misuse(string usage)
    {
        Console.Error.WriteLine(usage);
        return Misused;
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
