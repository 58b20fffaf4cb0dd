using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace WickrGateway.Commands;

/// <summary><c>hash-key</c>: prints the hash of an API key for the settings.</summary>
internal static class HashKeyCommand
{
    public const string Name = "hash-key";
    public const string Usage = $"{Name} < file-with-the-key, or without input to generate a new key";

    /// <summary>In characters. A shorter key can be guessed: the limit of failed authentications does not slow guessing, and the hash is a fast one.</summary>
    private const int MinKeyLength = 20;

    /// <summary>In bytes.</summary>
    private const int GeneratedKeyLength = 32;

    /// <summary>Prints the hash of the key in the input. When the input is empty, generates a key and prints both; the key is stored nowhere.</summary>
    public static int Run(TextReader input, TextWriter output, TextWriter error)
    {
        var key = input.ReadToEnd().TrimEnd('\r', '\n');
        if (key.Length == 0)
        {
            key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedKeyLength));
            output.WriteLine($"X-Api-Key: {key}");
            output.WriteLine($"ApiKeySha256: {Hash(key)}");
            return CommandLine.Success;
        }

        if (key.Any(character => character is < '!' or > '~'))
        {
            error.WriteLine("A key must be one line of printable ASCII characters without spaces, because it is sent in a header.");
            return CommandLine.UsageError;
        }

        if (key.Length < MinKeyLength)
        {
            error.WriteLine($"A key must have at least {MinKeyLength} characters, because a shorter one can be guessed. Without input this command makes a random key of 256 bits.");
            return CommandLine.UsageError;
        }

        output.WriteLine(Hash(key));
        return CommandLine.Success;
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
