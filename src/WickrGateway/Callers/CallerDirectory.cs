using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Configuration;
using WickrGateway.Wickr;

namespace WickrGateway.Callers;

/// <summary>A caller found by an API key.</summary>
/// <param name="Fingerprint">The first 8 hexadecimal digits of the key's SHA-256: enough to tell two keys apart while they are rotated.</param>
internal sealed record ApiKeyEntry(Caller Caller, byte[] Hash, string Fingerprint);

/// <summary>The configured callers at one moment, found by what they prove themselves with.</summary>
internal sealed class CallerDirectory
{
    private const int MaxNameLength = 64;
    private const int MaxSubjectLength = 255; // OpenID Connect Core, section 2.

    private readonly Dictionary<ulong, List<ApiKeyEntry>> _byKey = [];
    private readonly Dictionary<string, Caller> _bySubject = new(StringComparer.Ordinal);

    /// <summary>The networks that some caller is granted by its id.</summary>
    public FrozenSet<string> NamedNetworks { get; private set; } = [];

    /// <summary>
    /// Finds the caller of an API key. The look-up goes by the first bytes of the key's SHA-256, which tell nothing about the key; the
    /// whole hash is then compared in constant time. So the cost does not grow with the number of callers.
    /// </summary>
    public ApiKeyEntry? FindByApiKey(string apiKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var bytes = Encoding.UTF8.GetByteCount(apiKey) is var length && length <= 1024 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(apiKey, bytes);
        SHA256.HashData(bytes, hash);

        ApiKeyEntry? found = null;
        if (_byKey.TryGetValue(BitConverter.ToUInt64(hash), out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (CryptographicOperations.FixedTimeEquals(candidate.Hash, hash))
                    found = candidate;
            }
        }

        return found;
    }

    public Caller? FindBySubject(string subject) => _bySubject.GetValueOrDefault(subject);

    public static CallerDirectory Read(SettingsReader settings)
    {
        settings.RejectUnknownKeys("Auth", "Callers", "CallersFile");
        var directory = new CallerDirectory();
        var entries = CallerConfiguration.Read(settings);
        foreach (var entry in entries)
            directory.Add(settings, entry);

        if (entries.Count == 0)
            settings.AddError("Auth:Callers", "no caller is configured, so nobody could call: add Auth:Callers:{name}:ApiKeySha256:0 and grants in Networks and Actions");

        directory.NamedNetworks = entries.SelectMany(entry => entry.Networks).Select(network => network.Value).Where(network => network != Caller.EveryNetwork).ToFrozenSet(StringComparer.Ordinal);
        return directory;
    }

    private void Add(SettingsReader settings, CallerConfiguration entry)
    {
        if (entry.Name.Length is 0 or > MaxNameLength || entry.Name.Any(char.IsControl))
            settings.AddError(entry.Key, $"a caller's name has 1 to {MaxNameLength} printable characters");

        foreach (var (key, value) in entry.Networks)
        {
            if (value != Caller.EveryNetwork && !WickrIds.IsNetworkId(value))
                settings.AddError(key, "must be a network id of exactly 8 digits, or *");
        }

        foreach (var (key, value) in entry.Actions)
        {
            if (value is not ("suspend" or "unsuspend"))
                settings.AddError(key, "must be suspend or unsuspend");
        }

        var caller = new Caller(
            entry.Name,
            entry.Networks.Select(network => network.Value).ToFrozenSet(StringComparer.Ordinal),
            MaySuspend: entry.Actions.Any(action => action.Value == "suspend"),
            MayUnsuspend: entry.Actions.Any(action => action.Value == "unsuspend"));
        AddKeys(settings, entry, caller);
        AddSubjects(settings, entry, caller);
    }

    private void AddKeys(SettingsReader settings, CallerConfiguration entry, Caller caller)
    {
        foreach (var (key, value) in entry.ApiKeySha256)
        {
            if (value.Length != SHA256.HashSizeInBytes * 2 || !value.All(char.IsAsciiHexDigit))
            {
                settings.AddError(key, "must be the SHA-256 of an API key as 64 hexadecimal digits (dotnet WickrGateway.dll hash-key prints it), not the key itself");
                continue;
            }

            var hash = Convert.FromHexString(value);
            if (!_byKey.TryGetValue(BitConverter.ToUInt64(hash), out var sameStart))
                _byKey.Add(BitConverter.ToUInt64(hash), sameStart = []);

            // One key for two callers would leave to chance whose grants count.
            if (sameStart.Any(other => other.Hash.AsSpan().SequenceEqual(hash) && !ReferenceEquals(other.Caller, caller)))
                settings.AddError(key, "stands with another caller too; a key belongs to one caller");

            sameStart.Add(new ApiKeyEntry(caller, hash, Convert.ToHexStringLower(hash, 0, 4)));
        }
    }

    private void AddSubjects(SettingsReader settings, CallerConfiguration entry, Caller caller)
    {
        foreach (var (key, value) in entry.Subjects)
        {
            if (value.Length > MaxSubjectLength || value.Any(char.IsControl))
                settings.AddError(key, $"must be a sub claim of 1 to {MaxSubjectLength} printable characters");
            else if (!_bySubject.TryAdd(value, caller) && !ReferenceEquals(_bySubject[value], caller))
                settings.AddError(key, "stands with another caller too; a subject is one caller");
        }
    }
}
