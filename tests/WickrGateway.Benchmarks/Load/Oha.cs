using System.Globalization;
using System.Text.RegularExpressions;

namespace WickrGateway.Benchmarks.Load;

/// <summary>Saturation by <c>oha</c>, where there is no <c>wrk</c>.</summary>
internal static partial class Oha
{
    public static bool IsThere { get; } = Tools.Find("oha") is not null;

    public static LoadResult Saturate(int port, int ids, int connections, TimeSpan duration)
    {
        var headers = SampleCall.Headers.SelectMany(header => new[] { "-H", $"{header.Name}: {header.Value}" });
        return Read(Tools.Output(
            "oha",
            ["--no-tui", "-z", $"{Math.Max(1, (int)duration.TotalSeconds)}s", "-c", $"{connections}", "-m", "POST", .. headers, "-d", SampleCall.Body(ids), $"http://127.0.0.1:{port}{SampleCall.Path}"],
            duration + TimeSpan.FromSeconds(20)));
    }

    private static LoadResult Read(string output)
    {
        var answers = Answers().Matches(output);
        // What was under way at the end is told as an error; an answer other than 200 must not be.
        if (answers is not [{ } all] || all.Groups["status"].Value != "200" || Rate().Match(output) is not { Success: true } rate)
            throw new BenchmarkException($"The load broke off:\n{output}");

        var requests = long.Parse(all.Groups["requests"].ValueSpan, CultureInfo.InvariantCulture);
        return new LoadResult(requests, TimeSpan.FromSeconds(requests / double.Parse(rate.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^\s+\[(?<status>\d{3})\] (?<requests>\d+) responses", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Answers();

    [GeneratedRegex(@"Requests/sec:\s+(?<rate>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();
}
