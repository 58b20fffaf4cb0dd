using System.Globalization;
using System.Text.RegularExpressions;

namespace WickrGateway.Benchmarks.Load;

/// <summary>Saturating load by <c>wrk</c>.</summary>
internal static partial class Wrk
{
    public static bool IsInstalled { get; } = Tools.Find("wrk") is not null;

    public static LoadResult Saturate(int port, int ids, int connections, TimeSpan duration)
    {
        var script = Path.GetTempFileName();
        try
        {
            var headers = string.Concat(SampleCall.Headers.Select(header => $"wrk.headers['{header.Name}'] = '{header.Value}'\n"));
            File.WriteAllText(script, $"wrk.method = 'POST'\nwrk.body = '{SampleCall.Body(ids)}'\n{headers}");
            return Parse(Tools.Run(
                "wrk", ["-t1", $"-c{connections}", $"-d{Math.Max(1, (int)duration.TotalSeconds)}s", "-s", script, $"http://127.0.0.1:{port}{SampleCall.Path}"], duration + TimeSpan.FromSeconds(20)));
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static LoadResult Parse(string output)
    {
        if (Totals().Match(output) is not { Success: true } totals || output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new BenchmarkException($"The load failed:\n{output}");

        var requests = long.Parse(totals.Groups["requests"].ValueSpan, CultureInfo.InvariantCulture);
        var seconds = double.Parse(totals.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture);
        return new LoadResult(requests, TimeSpan.FromSeconds(seconds));
    }

    [GeneratedRegex(@"(?<requests>\d+) requests in (?<seconds>[\d.]+)s", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Totals();
}
