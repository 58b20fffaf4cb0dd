using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>An API key's hash and the caller it belongs to.</summary>
/// <param name="Fingerprint">The first 8 hexadecimal digits of the key's SHA-256: enough to tell two keys apart during a rotation.</param>
internal sealed record ApiKeyEntry(Caller Caller, byte[] Hash, string Fingerprint);

/// <summary>A snapshot of the configured callers, indexed by their credentials. Immutable; <see cref="CallerDirectoryBuilder"/> creates it.</summary>
/// <param name="keys">By the first 8 bytes of the key's SHA-256.</param>
/// <param name="subjects">By the token's <c>sub</c> claim.</param>
internal sealed class CallerDirectory(
    IReadOnlyList<Caller> callers, Dictionary<ulong, List<ApiKeyEntry>> keys, Dictionary<string, Caller> subjects, FrozenSet<string> namedNetworks)
{
    public IReadOnlyList<Caller> All => callers;

    /// <summary>The network ids that appear in at least one caller's grants.</summary>
    public FrozenSet<string> NamedNetworks => namedNetworks;

    /// <summary>Reads and checks the callers. Errors are added to <paramref name="settings"/>.</summary>
    public static CallerDirectory Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Auth", "Callers", "CallersFile");
        var callers = CallerConfiguration.ReadAll(settings);
        if (callers.Count == 0)
            settings.AddError("Auth:Callers", "no caller is configured, so every request would be refused: add Auth:Callers:{name}:ApiKeySha256:0, and grants in Networks and Actions");

        var builder = new CallerDirectoryBuilder(settings);
        foreach (var caller in callers)
            builder.Add(caller);

        return builder.Build();
    }

    /// <summary>
    /// Finds the caller of an API key. The lookup uses the first bytes of the key's SHA-256, which reveal nothing about the key. The
    /// whole hash is then compared in constant time. So the cost does not grow with the number of callers.
    /// </summary>
    public ApiKeyEntry? FindByApiKey(string apiKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var bytes = Encoding.UTF8.GetByteCount(apiKey) is var length && length <= 1024 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(apiKey, bytes);
        SHA256.HashData(bytes, hash);

        ApiKeyEntry? found = null;
        if (keys.TryGetValue(BitConverter.ToUInt64(hash), out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (CryptographicOperations.FixedTimeEquals(candidate.Hash, hash))
                    found = candidate;
            }
        }

        return found;
    }

    /// <summary>The callers for whom no request could be authenticated.</summary>
    /// <param name="acceptsTokens">Whether a subject is of use.</param>
    public IEnumerable<Caller> FindLockedOut(bool acceptsTokens)
    {
        var reachable = keys.Values.SelectMany(entries => entries).Select(entry => entry.Caller).Concat(acceptsTokens ? subjects.Values : []);
        return callers.Except(reachable, ReferenceEqualityComparer.Instance).Cast<Caller>();
    }

    public Caller? FindBySubject(string subject) => subjects.GetValueOrDefault(subject);
}
