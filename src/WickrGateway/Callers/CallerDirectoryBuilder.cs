using System.Collections.Frozen;
using System.Security.Cryptography;
using WickrGateway.Configuration;
using WickrGateway.Wickr;

namespace WickrGateway.Callers;

/// <summary>Checks the configured callers one by one and indexes them. Errors are added to the settings reader.</summary>
internal sealed class CallerDirectoryBuilder(SettingsReader settings)
{
    private const int MaxNameLength = 64;
    private const int MaxSubjectLength = 255; // OpenID Connect Core, section 2.

    private readonly List<Caller> _callers = [];
    private readonly Dictionary<ulong, List<ApiKeyEntry>> _keys = [];
    private readonly Dictionary<string, Caller> _subjects = new(StringComparer.Ordinal);
    private readonly HashSet<string> _networks = new(StringComparer.Ordinal);

    public void Add(CallerConfiguration configuration)
    {
        if (configuration.Name.Length is 0 or > MaxNameLength || configuration.Name.Any(char.IsControl))
            settings.AddError(configuration.Key, $"a caller's name must be 1 to {MaxNameLength} printable characters");

        foreach (var (key, value) in configuration.Networks)
        {
            if (value == Caller.EveryNetwork)
                continue;

            _networks.Add(value);
            if (!WickrIds.IsNetworkId(value))
                settings.AddError(key, $"must be a network id of exactly {WickrIds.NetworkIdLength} digits, or *");
        }

        foreach (var (key, value) in configuration.Actions)
        {
            if (!CallerActions.All.Contains(value, StringComparer.Ordinal))
                settings.AddError(key, $"must be one of {string.Join(", ", CallerActions.All)}");
        }

        var caller = new Caller(
            configuration.Name,
            configuration.Networks.Select(network => network.Value).ToFrozenSet(StringComparer.Ordinal),
            [.. CallerActions.All.Intersect(configuration.Actions.Select(action => action.Value), StringComparer.Ordinal)],
            configuration.SuspendLimit);
        _callers.Add(caller);
        AddKeys(configuration, caller);
        AddSubjects(configuration, caller);
    }

    public CallerDirectory Build() => new(_callers, _keys, _subjects, _networks.ToFrozenSet(StringComparer.Ordinal));

    private void AddKeys(CallerConfiguration configuration, Caller caller)
    {
        foreach (var (key, value) in configuration.ApiKeySha256)
        {
            if (value.Length != SHA256.HashSizeInBytes * 2 || !value.All(char.IsAsciiHexDigit))
            {
                settings.AddError(key, "must be the SHA-256 of an API key as 64 hexadecimal digits (dotnet WickrGateway.dll hash-key prints it), not the key itself");
                continue;
            }

            var hash = Convert.FromHexString(value);
            if (!_keys.TryGetValue(BitConverter.ToUInt64(hash), out var sameStart))
                _keys.Add(BitConverter.ToUInt64(hash), sameStart = []);

            // With one key for two callers it would be arbitrary whose grants apply.
            if (sameStart.Any(other => other.Hash.AsSpan().SequenceEqual(hash) && !ReferenceEquals(other.Caller, caller)))
                settings.AddError(key, "is also listed under another caller; a key belongs to one caller");

            sameStart.Add(new ApiKeyEntry(caller, hash, Convert.ToHexStringLower(hash, 0, 4)));
        }
    }

    private void AddSubjects(CallerConfiguration configuration, Caller caller)
    {
        foreach (var (key, value) in configuration.Subjects)
        {
            if (value.Length > MaxSubjectLength || value.Any(char.IsControl))
                settings.AddError(key, $"must be a sub claim of 1 to {MaxSubjectLength} printable characters");
            else if (!_subjects.TryAdd(value, caller) && !ReferenceEquals(_subjects[value], caller))
                settings.AddError(key, "is also listed under another caller; a subject belongs to one caller");
        }
    }
}
