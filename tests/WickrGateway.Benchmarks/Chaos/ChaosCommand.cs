namespace WickrGateway.Benchmarks.Chaos;

/// <summary>
/// <c>chaos</c>: injects faults into everything around the gateway while many callers use it, then checks that each response was true. The
/// exit code is 1 when one was not. Then callers that run wild must not get past the suspend limits, a region that dies must not touch the callers of another, and lists that are
/// resumed must be complete at the end.
/// </summary>
/// <remarks>
/// Options: <c>--seconds</c> (5 to 600, default 30), <c>--seed</c> (a whole number; random by default) and <c>--faults</c> of the gateway's host
/// (<see cref="HostFaults"/>, separated by commas, or <c>all</c> or <c>none</c>).
/// </remarks>
internal static class ChaosCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--seconds", "--seed", "--faults");
        var seconds = options.GetInt("--seconds", defaultValue: 30, min: 5, max: 600);
        var seed = options.GetInt("--seed", defaultValue: Environment.TickCount & int.MaxValue, min: 0, max: int.MaxValue);
        var faults = HostFaults.Parse(options.GetString("--faults"));

        await using var run = new ChaosRun(TimeSpan.FromSeconds(seconds), seed, faults);
        var report = await run.RunAsync();
        Console.Write(report.Text);

        await using var runaway = new RunawayRun(seed);
        var limits = await runaway.RunAsync();
        Console.WriteLine();
        Console.Write(limits.Text);

        await using var regions = new RegionsRun();
        var (text, isolated) = await regions.RunAsync();
        Console.WriteLine();
        Console.Write(text);

        await using var bulk = new BulkRun(seed);
        var (resumed, complete) = await bulk.RunAsync();
        Console.WriteLine();
        Console.Write(resumed);
        return report.Passed && limits.Passed && isolated && complete ? 0 : 1;
    }
}
