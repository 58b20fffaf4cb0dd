using System.Globalization;
using System.Text;
using System.Text.Json;
using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Scaling;

/// <summary>How the gateway's cost grows with what grows: ids in a call, connections, callers configured, and the audit file.</summary>
internal static class ScaleCommand
{
    private const int UsualConnections = Round.Connections;

    public static int Run(IReadOnlyList<string> args)
    {
        var given = new Arguments(args, "--seconds", "--rounds", "--gateway", "--output", "--chart");
        var time = TimeSpan.FromSeconds(given.GetInt("--seconds", defaultValue: 2, min: 1, max: 60));
        var rounds = given.GetInt("--rounds", defaultValue: 3, min: 1, max: 50);

        using var gateway = new PublishedGateway(given.Text("--gateway"));
        var audit = Directory.CreateTempSubdirectory("wickr-gateway-audit-");
        Machine.LeaveMeasuredCore();
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Word), upstream: null, cores: null);
        var usual = Start(gateway.Plan());
        var servers = new List<ServerProcess> { usual };
        try
        {
            List<Series> series =
            [
                new("user ids in a call", [.. new[] { 1, 10, 25, 50 }.Select(ids => new Point($"{ids}", usual, ids, UsualConnections))]),
                new("connections", [.. new[] { 1, 4, 16, 64, 256 }.Select(connections => new Point($"{connections}", usual, SampleCall.UsualIds, connections))]),
                new("callers configured", [.. new[] { 1, 100, 10_000 }.Select(count => new Point(count.ToString("N0", CultureInfo.InvariantCulture), WithCallers(count), SampleCall.UsualIds, UsualConnections))]),
                new("audit file", [new Point("off", usual, SampleCall.UsualIds, UsualConnections), new Point("on", WithAudit(), SampleCall.UsualIds, UsualConnections)]),
            ];
            Measure(series, rounds, time);
            var table = Table(series, $"Medians of {rounds} interleaved rounds of {time.TotalSeconds:F0} s; {UsualConnections} connections and {SampleCall.UsualIds} user ids where nothing else is said; memory is the process's, and user ids, connections and audit off share one; {Machine.Describe()}.");
            Console.WriteLine($"\n{table}");
            if (given.Text("--output") is { } file)
                File.WriteAllText(file, table);

            if (given.Text("--chart") is { } chart)
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
            // Too many for the environment, so they lie beside the program as a deployment's own settings would.
            var environment = $"Callers{count}";
            File.WriteAllText(Path.Combine(gateway.Folder, $"appsettings.{environment}.json"), JsonSerializer.Serialize(ManyCallers.Settings(count)));
            servers.Add(Start(gateway.Plan($"{count} callers", ("DOTNET_ENVIRONMENT", environment))));
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
            // In another order each time, so that no point always meets the same neighbour or the same moment.
            foreach (var point in points.OrderBy(_ => order.Next()))
                point.Measure(time);
        }
    }

    private static string Table(List<Series> series, string how)
    {
        var text = new StringBuilder().AppendLine("| | | requests/s | CPU per request | memory |").AppendLine("|---|---|---|---|---|");
        foreach (var one in series)
        {
            foreach (var point in one.Points)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Name} | {point.Label} | {point.RequestsPerSecond:N0} | {point.Cpu:F1} µs | {point.Memory / 1e6:F0} MB |");
        }

        return text.AppendLine().AppendLine(how).ToString();
    }
}
