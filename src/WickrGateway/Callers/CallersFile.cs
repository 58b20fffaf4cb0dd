using System.Security.Cryptography;
using System.Text.Json;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>The JSON file that <c>Auth:CallersFile</c> names.</summary>
internal static class CallersFile
{
    public const string Key = "Auth:CallersFile";

    /// <summary>Calls <paramref name="read"/> with each caller's key for messages, name and fields. It is a callback because reading the fields can fail like the file itself.</summary>
    public static void ForEachCaller(SettingsReader settings, Action<string, string, JsonElement> read)
    {
        if (settings.GetString(Key) is not { } path)
            return;

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("Callers", out var callers) || callers.ValueKind != JsonValueKind.Object)
            {
                settings.AddError(Key, $"{Name(path)} must be a JSON object with the single field Callers, an object");
                return;
            }

            foreach (var other in json.RootElement.EnumerateObject().Where(field => field.Name != "Callers"))
                settings.AddError($"{Key} {other.Name}", "is not a field of the file; it has Callers");

            foreach (var caller in callers.EnumerateObject())
                read($"{Key} Callers:{caller.Name}", caller.Name, caller.Value);
        }
        catch (JsonException malformed)
        {
            settings.AddError(Key, $"{Name(path)} is not valid JSON at line {malformed.LineNumber + 1}");
        }
        catch (InvalidOperationException)
        {
            settings.AddError(Key, $"{Name(path)} has an escape sequence that is not a valid character");
        }
        catch (Exception unreadable) when (FileFault.IsUnusable(unreadable))
        {
            settings.AddError(Key, FileFault.Describe(path, "read", unreadable));
        }
    }

    /// <summary>The hash of the file's content. Null when no file is configured or it cannot be read.</summary>
    public static string? GetContentHash(IConfiguration configuration)
    {
        try
        {
            return configuration[Key] is { Length: > 0 } path ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : null;
        }
        catch (Exception unreadable) when (FileFault.IsUnusable(unreadable))
        {
            return null;
        }
    }

    private static string Name(string path) => FileFault.Printable(FileFault.FullPath(path));
}
