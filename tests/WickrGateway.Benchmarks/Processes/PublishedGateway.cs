using System.Diagnostics;
using WickrGateway.Benchmarks.Load;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>The gateway as it is shipped: published in Release, with everything switched on and a rate limit that the load does not reach.</summary>
internal sealed class PublishedGateway : IDisposable
{
    private const string NoRateLimit = "1000000";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wickr-gateway-");

    /// <param name="published">The folder of a published gateway; null to publish this repository's.</param>
    public PublishedGateway(string? published)
    {
        if (published is null)
        {
            Console.WriteLine("Publishing the gateway");
            Tools.Run("dotnet", ["publish", Path.Combine(RepositoryRoot(), "src", "WickrGateway"), "-c", "Release", "-o", _folder.FullName, "-v", "q"], TimeSpan.FromMinutes(5));
            return;
        }

        // A copy, because scale adds callers files to the folder.
        Tools.Run("cp", ["-R", $"{published}/.", _folder.FullName], TimeSpan.FromMinutes(1));
    }

    public string Folder => _folder.FullName;

    public ServerPlan Plan(string name = "WickrGateway", params IEnumerable<(string Name, string Value)> environment) => new(name, (port, upstream) =>
    {
        var start = new ProcessStartInfo(Path.Combine(Folder, "WickrGateway"), [$"--urls=http://127.0.0.1:{port}"])
        {
            Environment =
            {
                ["AWS_ACCESS_KEY_ID"] = "AKIDBENCHMARK0000000",
                ["AWS_SECRET_ACCESS_KEY"] = "benchmark-secret-access-key-that-opens-nothing",
                ["Wickr__Region"] = "us-east-1",
                ["Wickr__Endpoint"] = upstream!.AbsoluteUri,
                ["Auth__Callers__benchmark__ApiKeySha256__0"] = SampleCall.ApiKeySha256,
                ["Auth__Callers__benchmark__Networks__0"] = "*",
                ["Auth__Callers__benchmark__Actions__0"] = "suspend",
                ["RateLimit__PermitsPerSecond"] = NoRateLimit,
                ["RateLimit__Burst"] = NoRateLimit,
                ["RateLimit__Concurrency"] = NoRateLimit,
            },
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;

        return start;
    });

    public void Dispose() => _folder.Delete(recursive: true);

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WickrGateway.sln")))
                return folder.FullName;
        }

        throw new BenchmarkException("The repository was not found above this program; pass a published gateway with --gateway.");
    }
}
