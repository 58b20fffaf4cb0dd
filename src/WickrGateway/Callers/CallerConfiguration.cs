using System.Text.Json;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>A caller as it was written down, each value with the place where it stands.</summary>
/// <param name="Key">For messages: where the caller is described.</param>
internal sealed record CallerConfiguration(string Key, string Name)
{
    private const string FileKey = "Auth:CallersFile";

    public IReadOnlyList<(string Key, string Value)> ApiKeySha256 { get; private set; } = [];

    public IReadOnlyList<(string Key, string Value)> Subjects { get; private set; } = [];

    public IReadOnlyList<(string Key, string Value)> Networks { get; private set; } = [];

    public IReadOnlyList<(string Key, string Value)> Actions { get; private set; } = [];

    /// <summary>
    /// The callers of the settings, and over them those of the callers file. A list in the file replaces the whole list in the settings:
    /// merged element by element, what was taken from a list would live on in the other place.
    /// </summary>
    public static IReadOnlyCollection<CallerConfiguration> Read(SettingsReader settings)
    {
        var entries = new OrderedDictionary<string, CallerConfiguration>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, name) in settings.GetChildren("Auth:Callers"))
        {
            settings.RejectUnknownKeys(key, "ApiKeySha256", "Subjects", "Networks", "Actions");
            entries[name] = new CallerConfiguration(key, name)
            {
                ApiKeySha256 = [.. settings.GetList($"{key}:ApiKeySha256")],
                Subjects = [.. settings.GetList($"{key}:Subjects")],
                Networks = [.. settings.GetList($"{key}:Networks")],
                Actions = [.. settings.GetList($"{key}:Actions")],
            };
        }

        if (settings.GetString(FileKey) is { } path)
            ReadFile(settings, path, entries);

        return entries.Values;
    }

    private static void ReadFile(SettingsReader settings, string path, OrderedDictionary<string, CallerConfiguration> entries)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("Callers", out var callers) || callers.ValueKind != JsonValueKind.Object)
            {
                settings.AddError(FileKey, "the file must be a JSON object with the one member Callers, an object");
                return;
            }

            foreach (var other in json.RootElement.EnumerateObject().Where(member => member.Name != "Callers"))
                settings.AddError($"{FileKey} {other.Name}", "is not a member of the file; it has Callers");

            foreach (var caller in callers.EnumerateObject())
            {
                if (!entries.TryGetValue(caller.Name, out var entry))
                    entries.Add(caller.Name, entry = new CallerConfiguration($"{FileKey} Callers:{caller.Name}", caller.Name));

                entry.Overlay(settings, $"{FileKey} Callers:{caller.Name}", caller.Value);
            }
        }
        catch (JsonException malformed)
        {
            settings.AddError(FileKey, $"the file is not valid JSON at line {malformed.LineNumber + 1}");
        }
        catch (InvalidOperationException)
        {
            settings.AddError(FileKey, "the file has an escape that makes no character");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            settings.AddError(FileKey, $"the file cannot be read ({unreadable.GetType().Name})");
        }
    }

    private void Overlay(SettingsReader settings, string key, JsonElement members)
    {
        if (members.ValueKind != JsonValueKind.Object)
        {
            settings.AddError(key, "must be an object");
            return;
        }

        foreach (var member in members.EnumerateObject())
        {
            var values = Values(settings, $"{key}:{member.Name}", member.Value);
            switch (member.Name)
            {
                case "ApiKeySha256":
                    ApiKeySha256 = values;
                    break;
                case "Subjects":
                    Subjects = values;
                    break;
                case "Networks":
                    Networks = values;
                    break;
                case "Actions":
                    Actions = values;
                    break;
                default:
                    settings.AddError($"{key}:{member.Name}", "is not a setting; a caller has ApiKeySha256, Subjects, Networks, Actions");
                    break;
            }
        }
    }

    private static List<(string Key, string Value)> Values(SettingsReader settings, string key, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.String))
        {
            settings.AddError(key, "must be an array of strings");
            return [];
        }

        return [.. list.EnumerateArray().Select((element, index) => ($"{key}:{index}", element.GetString()!)).Where(element => element.Item2.Length > 0)];
    }
}
