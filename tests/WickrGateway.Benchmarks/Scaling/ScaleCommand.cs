using System.Globalization;
using System.Text;
using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Scaling;

/// <summary><c>scale</c>: measures how the gateway's cost depends on ids in a call, connections, configured callers and the audit file.</summary>
/// <remarks>
/// Options: <c>--seconds</c> of a measurement (1 to 60, default 2), <c>--rounds</c> (1 to 50, default 3), <c>--gateway</c> (folder of a published
/// gateway; default: publish this repository's), <c>--output</c> (Markdown file), <c>--chart</c> (SVG file).
/// </remarks>
internal static class ScaleCommand
{
    private const int DefaultConnections = Round.Connections;

    public static int Run(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--seconds", "--rounds", "--gateway", "--output", "--chart");
        var time = TimeSpan.FromSeconds(options.GetInt("--seconds", defaultValue: 2, min: 1, max: 60));
        var rounds = options.GetInt("--rounds", defaultValue: 3, min: 1, max: 50);

        using var gateway = new PublishedGateway(options.GetString("--gateway"));
        var audit = Directory.CreateTempSubdirectory("wickr-gateway-audit-");
        Machine.LeaveMeasuredCore();
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Command), upstream: null, cores: null);
        var standard = Start(gateway.Plan());
        var servers = new List<ServerProcess> { standard };
        try
        {
            List<Series> series =
            [
                new("user ids in a call", [.. new[] { 1, 10, 25, 50 }.Select(ids => new Point($"{ids}", standard, ids, DefaultConnections))]),
                new("connections", [.. new[] { 1, 4, 16, 64, 256 }.Select(connections => new Point($"{connections}", standard, SampleCall.DefaultIds, connections))]),
                new("configured callers", [.. new[] { 1, 100, 10_000 }.Select(count => new Point(count.ToString("N0", CultureInfo.InvariantCulture), WithCallers(count), SampleCall.DefaultIds, DefaultConnections))]),
                new("audit file", [new Point("off", standard, SampleCall.DefaultIds, DefaultConnections), new Point("on", WithAudit(), SampleCall.DefaultIds, DefaultConnections)]),
            ];
            Measure(series, rounds, time);
            var table = Table(series, $"Medians of {rounds} interleaved rounds of {time.TotalSeconds:F0} s; {DefaultConnections} connections and {SampleCall.DefaultIds} user ids unless stated otherwise; memory is that of the process, and user ids, connections and audit off share one process; {Machine.Describe()}.");
            Console.WriteLine($"\n{table}");
            if (options.GetString("--output") is { } file)
                File.WriteAllText(file, table);

            if (options.GetString("--chart") is { } chart)
                File.WriteAllText(chart, ScalingChart.Draw(series));

            return 0;
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
            audit.Delete(recursive: true);
        }

        ServerProcess Start(ServerPlan plan) => new(plan, upstream.Address, Machine.MeasuredCores);

        ServerProcess WithCallers(int count)
        {
            var file = Path.Combine(gateway.Folder, $"callers-{count}.json");
            ManyCallers.WriteFile(file, count);
            servers.Add(Start(gateway.Plan($"{count} callers", ("Auth__CallersFile", file))));
            return servers[^1];
        }

        ServerProcess WithAudit()
        {
            servers.Add(Start(gateway.Plan("audit", ("Audit__Path", Path.Combine(audit.FullName, "audit.jsonl")))));
            return servers[^1];
        }
    }

    private static void Measure(List<Series> series, int rounds, TimeSpan time)
    {
        var points = series.SelectMany(one => one.Points).ToList();
        Console.WriteLine("Warm-up");
        foreach (var server in points.Select(point => point.Server).Distinct())
            Round.WarmUp(server);

        var order = new Random(4711);
        for (var round = 1; round <= rounds; round++)
        {
            Console.WriteLine($"Round {round} of {rounds}");
            // In a new order each time, so that no point always follows the same other one.
            foreach (var point in points.OrderBy(_ => order.Next()))
                point.Measure(time);
        }
    }

    private static string Table(List<Series> series, string conditions)
    {
        var text = new StringBuilder().AppendLine("| dimension | value | requests/s | CPU per request | memory |").AppendLine("|---|---|---|---|---|");
        foreach (var one in series)
        {
            foreach (var point in one.Points)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Name} | {point.Label} | {point.RequestsPerSecond:N0} | {point.Cpu:F1} µs | {point.Memory / 1e6:F0} MB |");
        }

        return text.AppendLine().AppendLine(conditions).ToString();
    }
}
