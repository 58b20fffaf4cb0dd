using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>
/// <c>compare</c>: measures the gateway, a bare pass-through and any other proxy over one upstream on this machine. Each runs in a process of its
/// own; they take turns in each round, so that other load on the machine affects all of them alike.
/// </summary>
/// <remarks>
/// Options: <c>--seconds</c> of a measurement (1 to 60, default 3), <c>--rounds</c> (1 to 50, default 5), <c>--gateway</c> (folder of a published
/// gateway; default: publish this repository's), <c>--with "name=command"</c> (another proxy, repeatable), <c>--redis</c> (the gateway again, with
/// its limits in the Redis at this host and port), <c>--output</c> (Markdown file).
/// </remarks>
internal static class CompareCommand
{
    private const int Starts = 5;

    public static int Run(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--seconds", "--rounds", "--gateway", "--with", "--redis", "--output");
        var time = TimeSpan.FromSeconds(options.GetInt("--seconds", defaultValue: 3, min: 1, max: 60));
        var rounds = options.GetInt("--rounds", defaultValue: 5, min: 1, max: 50);
        var others = options.GetAll("--with").Select(ParseWith).ToList();

        using var gateway = new PublishedGateway(options.GetString("--gateway"));
        IEnumerable<ServerPlan> shared = options.GetString("--redis") is { } redis ? [gateway.Plan("with Redis", [("Limits__Redis", redis)])] : [];
        Machine.LeaveMeasuredCore();
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Command), upstream: null, cores: null);
        List<ServerPlan> plans = [ServerPlan.Own("bare pass-through", PassThrough.Command), gateway.Plan(), .. shared, .. others];
        var candidates = plans.ConvertAll(plan => new Candidate(plan, upstream.Address));
        try
        {
            var direct = Measure(candidates, upstream, rounds, time);
            var table = ComparisonTable.Write(candidates, direct, $"Medians of {rounds} rounds of {time.TotalSeconds:F0} s each, {Round.Connections} connections, {SampleCall.DefaultIds} user ids, after a warm-up until the CPU time settled; {Machine.Describe()}.");
            Console.WriteLine($"\n{table}");
            if (options.GetString("--output") is { } file)
                File.WriteAllText(file, table);

            return 0;
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    private static List<double> Measure(List<Candidate> candidates, ServerProcess upstream, int rounds, TimeSpan time)
    {
        Console.WriteLine("Starts");
        for (var start = 0; start < Starts; start++)
            candidates.ForEach(candidate => candidate.MeasureStart());

        Console.WriteLine("Warm-up");
        candidates.ForEach(candidate => candidate.WarmUp());

        var direct = new List<double>();
        for (var round = 1; round <= rounds; round++)
        {
            direct.Add(Loads.OneByOne(upstream.Port, SampleCall.Bytes(SampleCall.DefaultIds), time / 3).Quantile(0.5));
            candidates.ForEach(candidate => candidate.Measure(time));
            Console.WriteLine($"Round {round} of {rounds}: {string.Join("; ", candidates.Select(candidate => $"{candidate.Name} {candidate.Rounds[^1].RequestsPerSecond:F0}/s, {candidate.Rounds[^1].Cpu:F1} µs"))}");
        }

        return direct;
    }

    private static ServerPlan ParseWith(string with) => with.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command]
        ? ServerPlan.Shell(name, command)
        : throw new BenchmarkException("--with needs \"name=command\"; the command must listen on 127.0.0.1:$PORT and forward to $UPSTREAM");
}
