using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using WickrGateway.Settings;

namespace WickrGateway.Callers;

/// <summary>The configured callers, found by what they prove themselves with.</summary>
internal sealed class CallerDirectory
{
    private const int MaxNameLength = 64;

    private readonly Dictionary<ulong, List<(byte[] Hash, Caller Caller)>> _byKey = [];

    public IReadOnlyCollection<Caller> All { get; private init; } = [];

    /// <summary>
    /// Finds the caller of an API key. The look-up goes by the first bytes of the key's SHA-256, which tell nothing about the key; the
    /// whole hash is then compared in constant time. So the cost does not grow with the number of callers.
    /// </summary>
    public Caller? FindByApiKey(string apiKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var bytes = Encoding.UTF8.GetByteCount(apiKey) is var length && length <= 1024 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(apiKey, bytes);
        SHA256.HashData(bytes, hash);

        Caller? found = null;
        if (_byKey.TryGetValue(BitConverter.ToUInt64(hash), out var candidates))
        {
            foreach (var (candidate, caller) in candidates)
            {
                if (CryptographicOperations.FixedTimeEquals(candidate, hash))
                    found = caller;
            }
        }

        return found;
    }

    public static CallerDirectory Read(SettingsReader settings)
    {
        settings.Know("Auth", "Callers");
        var callers = new List<Caller>();
        var directory = new CallerDirectory { All = callers };
        foreach (var (key, name) in settings.Members("Auth:Callers"))
        {
            if (name.Length > MaxNameLength || name.Any(char.IsControl))
                settings.Fault(key, $"a caller's name has 1 to {MaxNameLength} printable characters");

            settings.Know(key, "ApiKeySha256", "Subjects", "Networks", "Actions");
            var actions = Actions(settings, $"{key}:Actions").ToHashSet(StringComparer.Ordinal);
            var caller = new Caller(
                name,
                Networks(settings, $"{key}:Networks").ToFrozenSet(StringComparer.Ordinal),
                MaySuspend: actions.Contains("suspend"),
                MayUnsuspend: actions.Contains("unsuspend"));
            callers.Add(caller);
            directory.AddKeys(settings, $"{key}:ApiKeySha256", caller);
        }

        if (callers.Count == 0)
            settings.Fault("Auth:Callers", "no caller is configured, so nobody could call: add Auth:Callers:{name}:ApiKeySha256:0 and grants in Networks and Actions");

        return directory;
    }

    private void AddKeys(SettingsReader settings, string list, Caller caller)
    {
        foreach (var (key, value) in settings.List(list))
        {
            if (value.Length != SHA256.HashSizeInBytes * 2 || !value.All(char.IsAsciiHexDigit))
            {
                settings.Fault(key, "must be the SHA-256 of an API key as 64 hexadecimal digits (printf %s \"$KEY\" | sha256sum), not the key itself");
                continue;
            }

            var hash = Convert.FromHexString(value);
            if (!_byKey.TryGetValue(BitConverter.ToUInt64(hash), out var sameStart))
                _byKey.Add(BitConverter.ToUInt64(hash), sameStart = []);

            // One key for two callers would leave to chance whose grants count.
            if (sameStart.Any(other => other.Hash.AsSpan().SequenceEqual(hash) && other.Caller != caller))
                settings.Fault(key, "stands with another caller too; a key belongs to one caller");

            sameStart.Add((hash, caller));
        }
    }

    private static IEnumerable<string> Networks(SettingsReader settings, string list)
    {
        foreach (var (key, value) in settings.List(list))
        {
            if (value != Caller.EveryNetwork && !SuspendStatus.SuspendStatusRules.IsNetworkId(value))
                settings.Fault(key, "must be a network id of exactly 8 digits, or *");

            yield return value;
        }
    }

    private static IEnumerable<string> Actions(SettingsReader settings, string list)
    {
        foreach (var (key, value) in settings.List(list))
        {
            if (value is not ("suspend" or "unsuspend"))
                settings.Fault(key, "must be suspend or unsuspend");

            yield return value;
        }
    }
}
