using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Benchmarks.Processes;

namespace WickrGateway.Benchmarks.Comparing;

/// <summary>
/// <c>bulk</c>: requests of 5,000 users. The time for each batch is compared with that of the same batch sent to the
/// stand-in for Wickr directly, and the memory of runs at once is measured.
/// </summary>
/// <remarks>Options: <c>--rounds</c> (1 to 100, default 10), <c>--gateway</c> (folder of a published gateway; default: publish this repository's).</remarks>
internal static class BulkCommand
{
    private const int Users = 5000;
    private const int BatchSize = 50;

    /// <summary>Runs at once while the memory is measured.</summary>
    private const int RunsAtOnce = 16;

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var options = new Arguments(args, "--rounds", "--gateway");
        var rounds = options.GetInt("--rounds", defaultValue: 10, min: 1, max: 100);
        using var published = new PublishedGateway(options.GetString("--gateway"));
        using var upstream = new ServerProcess(ServerPlan.Own("upstream", EchoUpstream.Command), upstream: null, cores: null);
        using var gateway = new ServerProcess(
            published.Plan("WickrGateway", [("RateLimit__Bulk", "1000"), ("Policy__SuspendLimit__PerCaller", "0"), ("Policy__SuspendLimit__PerNetwork", "0")]), upstream.Address, cores: null);
        using var client = new HttpClient { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", SampleCall.ApiKey);

        for (var warmUp = 0; warmUp < 5; warmUp++)
            await RunAsync(client);

        var (direct, lines) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            direct.Add(Loads.OneByOne(upstream.Port, SampleCall.Bytes(BatchSize), TimeSpan.FromSeconds(1)).Quantile(0.5));
            lines.Add((await RunAsync(client)).TotalMicroseconds / (Users / BatchSize));
        }

        var overheads = lines.Zip(direct, (line, without) => line - without).ToList();
        var before = gateway.Meter.Memory;
        var peak = await MeasureMemoryAsync(client, gateway);
        var perRun = Math.Max(0, peak - before) / RunsAtOnce;
        Console.WriteLine($"""

            | measure | median of {rounds} rounds | range |
            |---|---:|---|
            | a batch of 50 directly, p50 | {direct.Median():F0} µs | {direct.Min():F0} to {direct.Max():F0} |
            | a batch of a bulk request, the run divided by its batches | {lines.Median():F0} µs | {lines.Min():F0} to {lines.Max():F0} |
            | what the gateway adds to a batch | {overheads.Median():F0} µs | {overheads.Min():F0} to {overheads.Max():F0} |
            | resident memory that {RunsAtOnce} runs at once add, for each | {(perRun / 1e6).ToString("F2", CultureInfo.InvariantCulture)} MB | |
            """);
        return 0;
    }

    /// <returns>From the request to the last line.</returns>
    private static async Task<TimeSpan> RunAsync(HttpClient client)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{SampleCall.Path}/bulk") { Content = new StringContent(Body(), Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new BenchmarkException($"The bulk request got {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var count = 0;
        while (await lines.ReadLineAsync() is not null)
            count++;

        if (count != (Users / BatchSize) + 1)
            throw new BenchmarkException($"The response had {count} lines.");

        return Stopwatch.GetElapsedTime(start);
    }

    /// <returns>The most while several runs were under way.</returns>
    private static async Task<long> MeasureMemoryAsync(HttpClient client, ServerProcess gateway)
    {
        var runs = Task.WhenAll(Enumerable.Range(0, RunsAtOnce).Select(_ => RunAsync(client)));
        var peak = gateway.Meter.Memory;
        while (!runs.IsCompleted)
        {
            peak = Math.Max(peak, gateway.Meter.Memory);
            await Task.WhenAny(runs, Task.Delay(5));
        }

        await runs;
        return peak;
    }

    private static string Body() => $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1234567, Users).Select(id => $"\"{id}\""))}}]}""";
}
