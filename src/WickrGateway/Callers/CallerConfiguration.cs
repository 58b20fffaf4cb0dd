using System.Text.Json;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>A caller as configured, each value with the key of its location. <see cref="CallerDirectoryBuilder"/> checks the values.</summary>
/// <param name="Key">The location of the caller itself, for error messages.</param>
internal sealed record CallerConfiguration(string Key, string Name)
{
    public IReadOnlyList<(string Key, string Value)> ApiKeySha256 { get; private init; } = [];

    public IReadOnlyList<(string Key, string Value)> Subjects { get; private init; } = [];

    public IReadOnlyList<(string Key, string Value)> Networks { get; private init; } = [];

    public IReadOnlyList<(string Key, string Value)> Actions { get; private init; } = [];

    /// <summary>See <see cref="Caller.SuspendLimit"/>.</summary>
    public int? SuspendLimit { get; private init; }

    /// <summary>The callers in the settings, overlaid with those in the callers file.</summary>
    public static IReadOnlyCollection<CallerConfiguration> ReadAll(SettingsReader settings)
    {
        var callers = new OrderedDictionary<string, CallerConfiguration>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, name) in settings.GetChildren("Auth:Callers"))
            callers[name] = Read(settings, key, name);

        CallersFile.ForEachCaller(settings, (key, name, fields) =>
        {
            var caller = callers.GetValueOrDefault(name, new CallerConfiguration(key, name));
            // They would be one caller here and two for a reader of the audit. The settings cannot have both: their keys have no case.
            if (caller.Name != name)
                settings.AddError(key, "differs only in case from another caller's name");

            callers[name] = caller.Overlay(settings, key, fields);
        });
        return callers.Values;
    }

    private static CallerConfiguration Read(SettingsReader settings, string key, string name)
    {
        settings.RejectUnknownKeys(key, "ApiKeySha256", "Subjects", "Networks", "Actions", "SuspendLimit");
        return new CallerConfiguration(key, name)
        {
            ApiKeySha256 = [.. settings.GetList($"{key}:ApiKeySha256")],
            Subjects = [.. settings.GetList($"{key}:Subjects")],
            Networks = [.. settings.GetList($"{key}:Networks")],
            Actions = [.. settings.GetList($"{key}:Actions")],
            SuspendLimit = settings.GetOptionalInt($"{key}:SuspendLimit", min: 0, Caller.MaxSuspendLimit),
        };
    }

    /// <summary>
    /// A list in the callers file replaces the whole list in the settings. If they were merged element by element, a key or grant that was
    /// removed from the file could stay valid through the settings.
    /// </summary>
    private CallerConfiguration Overlay(SettingsReader settings, string key, JsonElement fields)
    {
        if (fields.ValueKind != JsonValueKind.Object)
        {
            settings.AddError(key, "must be an object");
            return this;
        }

        var result = this;
        foreach (var field in fields.EnumerateObject())
        {
            var fieldKey = $"{key}:{field.Name}";
            result = field.Name switch
            {
                "ApiKeySha256" => result with { ApiKeySha256 = ReadValues(settings, fieldKey, field.Value) },
                "Subjects" => result with { Subjects = ReadValues(settings, fieldKey, field.Value) },
                "Networks" => result with { Networks = ReadValues(settings, fieldKey, field.Value) },
                "Actions" => result with { Actions = ReadValues(settings, fieldKey, field.Value) },
                "SuspendLimit" => result with { SuspendLimit = ReadLimit(settings, fieldKey, field.Value) },
                _ => result.RejectField(settings, fieldKey),
            };
        }

        return result;
    }

    private CallerConfiguration RejectField(SettingsReader settings, string key)
    {
        settings.AddError(key, "is not a setting; a caller has ApiKeySha256, Subjects, Networks, Actions, SuspendLimit");
        return this;
    }

    private static int? ReadLimit(SettingsReader settings, string key, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var limit) && limit is >= 0 and <= Caller.MaxSuspendLimit)
            return limit;

        settings.AddError(key, $"must be a whole number from 0 to {Caller.MaxSuspendLimit}");
        return null;
    }

    private static List<(string Key, string Value)> ReadValues(SettingsReader settings, string key, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.String))
        {
            settings.AddError(key, "must be an array of strings");
            return [];
        }

        return [.. list.EnumerateArray().Select((element, index) => ($"{key}:{index}", element.GetString()!)).Where(element => element.Item2.Length > 0)];
    }
}
