using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>
/// <c>compare</c>: measures the gateway, a bare pass-through and any other proxy over one upstream on this machine. Each runs in a process of its
/// own; they take turns in each round, so that other load on the machine affects all of them alike.
/// </summary>
/// <remarks>
/// Options: <c>--seconds</c> of a measurement (1 to 60, default 3), <c>--rounds</c> (1 to 50, default 5), <c>--runs</c> (1 to 20, default 1; each
/// starts all servers anew, and the table has the range), <c>--gateway</c> (folder of a published gateway; default: publish this repository's),
/// <c>--with "name=command"</c> (another proxy, repeatable), <c>--variant "name=KEY=value …"</c> (the gateway with other environment variables,
/// repeatable), <c>--aws-sigv4-proxy</c> (its program), <c>--redis</c> (the gateway again, with its limits in the Redis at this host and port),
/// <c>--output</c> (Markdown file).
/// </remarks>
internal static class CompareCommand
{
    private const int Starts = 5;

    public static int Run(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--seconds", "--rounds", "--runs", "--gateway", "--with", "--variant", "--aws-sigv4-proxy", "--redis", "--output");
        var time = TimeSpan.FromSeconds(options.GetInt("--seconds", defaultValue: 3, min: 1, max: 60));
        var rounds = options.GetInt("--rounds", defaultValue: 5, min: 1, max: 50);
        var runs = options.GetInt("--runs", defaultValue: 1, min: 1, max: 20);

        using var gateway = new PublishedGateway(options.GetString("--gateway"));
        List<ServerPlan> plans = [ServerPlan.Own("bare pass-through", PassThrough.Command), gateway.Plan(), .. PlanOthers(options, gateway)];
        Machine.LeaveMeasuredCore();
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Command), upstream: null, cores: null);
        var results = plans.ConvertAll(plan => (plan.Name, Runs: new List<CandidateRun>()));
        for (var run = 1; run <= runs; run++)
        {
            Console.WriteLine($"Run {run} of {runs}");
            foreach (var (result, measured) in results.Zip(MeasureRun(plans, upstream, rounds, time)))
                result.Runs.Add(measured);
        }

        var table = ComparisonTable.Write(
            results.ConvertAll(result => (result.Name, (IReadOnlyList<CandidateRun>)result.Runs)),
            $"{(runs == 1 ? "" : $"Median and range of {runs} runs. ")}A run has the medians of {rounds} rounds of {time.TotalSeconds:F0} s each and of {Starts} starts; {Round.Connections} connections, {SampleCall.DefaultIds} user ids, after a warm-up until the CPU time settled; {Machine.Describe()}.");
        Console.WriteLine($"\n{table}");
        if (options.GetString("--output") is { } file)
            File.WriteAllText(file, table);

        return 0;
    }

    private static IEnumerable<ServerPlan> PlanOthers(Arguments options, PublishedGateway gateway)
    {
        if (options.GetString("--redis") is { } redis)
            yield return gateway.Plan("with Redis", [("Limits__Redis", redis)]);

        foreach (var variant in options.GetAll("--variant"))
            yield return ParseVariant(variant, gateway);

        if (options.GetString("--aws-sigv4-proxy") is { } program)
            yield return AwsSigV4Proxy.Plan(program);

        foreach (var other in options.GetAll("--with"))
            yield return ParseWith(other);
    }

    private static List<CandidateRun> MeasureRun(List<ServerPlan> plans, ServerProcess upstream, int rounds, TimeSpan time)
    {
        var candidates = plans.ConvertAll(plan => new Candidate(plan, upstream.Address));
        try
        {
            for (var start = 0; start < Starts; start++)
                candidates.ForEach(candidate => candidate.MeasureStart());

            candidates.ForEach(candidate => candidate.WarmUp());

            var direct = new List<double>();
            for (var round = 1; round <= rounds; round++)
            {
                direct.Add(Loads.OneByOne(upstream.Port, SampleCall.Bytes(SampleCall.DefaultIds), time / 3).Quantile(0.5));
                candidates.ForEach(candidate => candidate.Measure(time));
                Console.WriteLine($"Round {round} of {rounds}: {string.Join("; ", candidates.Select(candidate => $"{candidate.Name} {candidate.LastRound.RequestsPerSecond:F0}/s, {candidate.LastRound.Cpu:F1} µs"))}");
            }

            return candidates.ConvertAll(candidate => candidate.Summarize(direct));
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    private static ServerPlan ParseVariant(string variant, PublishedGateway gateway)
    {
        if (variant.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } variables] || variables.Split(' ').Any(one => !one.Contains('=', StringComparison.Ordinal)))
            throw new BenchmarkException("--variant needs \"name=KEY=value …\"");

        return gateway.Plan(name, variables.Split(' ').Select(one => one.Split('=', 2)).Select(pair => (pair[0], pair[1])));
    }

    private static ServerPlan ParseWith(string with) => with.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command]
        ? ServerPlan.Shell(name, command)
        : throw new BenchmarkException("--with needs \"name=command\"; the command must listen on 127.0.0.1:$PORT and forward to $UPSTREAM");
}
