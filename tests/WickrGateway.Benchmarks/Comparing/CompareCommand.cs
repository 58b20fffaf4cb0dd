using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>
/// The gateway beside a bare pass-through, and any other proxy, over one upstream on this machine. Everybody runs in processes of their own and is
/// asked in turns, round after round, so that what else the machine does falls on all alike.
/// </summary>
internal static class CompareCommand
{
    private const int Starts = 5;

    public static int Run(IReadOnlyList<string> args)
    {
        var given = new Arguments(args, "--seconds", "--rounds", "--gateway", "--with", "--output");
        var time = TimeSpan.FromSeconds(given.GetInt("--seconds", defaultValue: 3, min: 1, max: 60));
        var rounds = given.GetInt("--rounds", defaultValue: 5, min: 1, max: 50);
        var others = given.All("--with").Select(Other).ToList();

        using var gateway = new PublishedGateway(given.Text("--gateway"));
        Machine.LeaveMeasuredCore();
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Word), upstream: null, cores: null);
        List<ServerPlan> plans = [ServerPlan.Own("bare pass-through", PassThrough.Word), gateway.Plan(), .. others];
        var contestants = plans.ConvertAll(plan => new Candidate(plan, upstream.Address));
        try
        {
            var direct = Measure(contestants, upstream, rounds, time);
            var table = ComparisonTable.Write(contestants, direct, $"Medians of {rounds} rounds of {time.TotalSeconds:F0} s each, {Round.Connections} connections, {SampleCall.UsualIds} user ids, after a warm-up until the CPU time settled; {Machine.Describe()}.");
            Console.WriteLine($"\n{table}");
            if (given.Text("--output") is { } file)
                File.WriteAllText(file, table);

            return 0;
        }
        finally
        {
            contestants.ForEach(contestant => contestant.Dispose());
        }
    }

    private static List<double> Measure(List<Candidate> contestants, ServerProcess upstream, int rounds, TimeSpan time)
    {
        Console.WriteLine("Starts");
        for (var start = 0; start < Starts; start++)
            contestants.ForEach(contestant => contestant.Start());

        Console.WriteLine("Warm-up");
        contestants.ForEach(contestant => contestant.WarmUp());

        var direct = new List<double>();
        for (var round = 1; round <= rounds; round++)
        {
            direct.Add(Loads.OneByOne(upstream.Port, SampleCall.Bytes(SampleCall.UsualIds), time / 3).Quantile(0.5));
            contestants.ForEach(contestant => contestant.Measure(time));
            Console.WriteLine($"Round {round} of {rounds}: {string.Join("; ", contestants.Select(one => $"{one.Name} {one.Rounds[^1].RequestsPerSecond:F0}/s, {one.Rounds[^1].Cpu:F1} µs"))}");
        }

        return direct;
    }

    private static ServerPlan Other(string with) => with.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command]
        ? ServerPlan.Command(name, command)
        : throw new BenchmarkException("--with wants \"name=command\"; the command listens on 127.0.0.1:$PORT and asks $UPSTREAM");
}
