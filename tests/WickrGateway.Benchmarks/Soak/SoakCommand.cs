using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>
/// <c>soak</c>: calls the published gateway over the simulator at a fixed rate for a long time. The exit code is 1 when its memory, handles or
/// threads grow, or when client, metrics, audit and simulator do not count the same.
/// </summary>
/// <remarks>
/// Options: <c>--minutes</c> (1 to 1440, default 10) or <c>--seconds</c> (5 to 86400), <c>--rate</c> in requests a second (1 to 1000, default 100),
/// <c>--gateway</c> (folder of a published gateway; default: publish this repository's), <c>--output</c> (Markdown file).
/// </remarks>
internal static class SoakCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--minutes", "--seconds", "--rate", "--gateway", "--output");
        var minutes = options.GetInt("--minutes", defaultValue: 10, min: 1, max: 1440);
        var duration = TimeSpan.FromSeconds(options.GetInt("--seconds", defaultValue: minutes * 60, min: 5, max: 86_400));
        var rate = options.GetInt("--rate", defaultValue: 100, min: 1, max: 1000);

        using var gateway = new PublishedGateway(options.GetString("--gateway"));
        await using var run = new SoakRun(gateway, duration, rate);
        var report = await run.RunAsync();
        Console.Write(report.Text);
        if (options.GetString("--output") is { } file)
            await File.WriteAllTextAsync(file, report.Text);

        return report.Passed ? 0 : 1;
    }
}
