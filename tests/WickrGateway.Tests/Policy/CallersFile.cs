using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>A callers file in a directory of its own, changed as an operator or Kubernetes changes it.</summary>
internal sealed class CallersFile : IDisposable
{
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("callers");

    public string Path => System.IO.Path.Combine(Directory.FullName, "callers.json");

    public static string Json(params (string Name, string[] Keys, string[] Actions)[] callers) => JsonSerializer.Serialize(new
    {
        Callers = callers.ToDictionary(caller => caller.Name, caller => new
        {
            ApiKeySha256 = caller.Keys.Select(GatewayHost.Sha256),
            Networks = (string[])["12345678"],
            caller.Actions,
        }),
    });

    /// <summary>Replaces the file in one step, as editors do.</summary>
    public void Write(string content)
    {
        var next = $"{Path}.next";
        File.WriteAllText(next, content);
        File.Move(next, Path, overwrite: true);
    }

    public static async Task<int> StatusAsync(Uri gateway, string key)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        return (int)(await client.SuspendAsync()).Status;
    }

    public static Task UntilAsync(Uri gateway, string key, int status) => HttpClientExtensions.UntilAsync(async () => await StatusAsync(gateway, key) == status);

    public void Dispose() => Directory.Delete(recursive: true);
}
