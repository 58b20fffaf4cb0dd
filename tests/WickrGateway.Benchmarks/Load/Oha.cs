using System.Globalization;
using System.Text.RegularExpressions;

namespace WickrGateway.Benchmarks.Load;

/// <summary>Saturating load by <c>oha</c>, used when <c>wrk</c> is not installed.</summary>
internal static partial class Oha
{
    public static bool IsInstalled { get; } = Tools.Find("oha") is not null;

    public static LoadResult Saturate(int port, int ids, int connections, TimeSpan duration)
    {
        var headers = SampleCall.Headers.SelectMany(header => new[] { "-H", $"{header.Name}: {header.Value}" });
        return Parse(Tools.Run(
            "oha",
            ["--no-tui", "-z", $"{Math.Max(1, (int)duration.TotalSeconds)}s", "-c", $"{connections}", "-m", "POST", .. headers, "-d", SampleCall.Body(ids), $"http://127.0.0.1:{port}{SampleCall.Path}"],
            duration + TimeSpan.FromSeconds(20)));
    }

    private static LoadResult Parse(string output)
    {
        var responses = Responses().Matches(output);
        // Requests that are in flight at the end are listed as errors, so only the statuses are checked.
        if (responses is not [{ } all] || all.Groups["status"].Value != "200" || Rate().Match(output) is not { Success: true } rate)
            throw new BenchmarkException($"The load failed:\n{output}");

        var requests = long.Parse(all.Groups["requests"].ValueSpan, CultureInfo.InvariantCulture);
        return new LoadResult(requests, TimeSpan.FromSeconds(requests / double.Parse(rate.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^\s+\[(?<status>\d{3})\] (?<requests>\d+) responses", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Responses();

    [GeneratedRegex(@"Requests/sec:\s+(?<rate>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();
}
