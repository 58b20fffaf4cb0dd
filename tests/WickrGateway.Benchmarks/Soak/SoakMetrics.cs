using System.Globalization;
using System.Text.RegularExpressions;

namespace WickrGateway.Benchmarks.Soak;

/// <summary>What the gateway's <c>/metrics</c> counts.</summary>
/// <param name="Calls">The calls by problem.</param>
/// <param name="AcceptedCalls">The calls that passed all checks.</param>
/// <param name="Attempts">The requests to Wickr.</param>
internal sealed partial record SoakMetrics(IReadOnlyDictionary<string, int> Calls, int AcceptedCalls, int Attempts)
{
    public static SoakMetrics Parse(string page)
    {
        var calls = Samples(page, "wickr_gateway_calls_total")
            .GroupBy(sample => Problem().Match(sample.Labels).Groups["problem"].Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(sample => sample.Value), StringComparer.Ordinal);
        return new SoakMetrics(calls, Sum(page, "wickr_gateway_attempts_count"), Sum(page, "wickr_gateway_upstream_duration_seconds_count"));
    }

    private static int Sum(string page, string name) => Samples(page, name).Sum(sample => sample.Value);

    /// <summary>A line is <c>name{labels} value</c>, with a timestamp at the end in some versions.</summary>
    private static IEnumerable<(string Labels, int Value)> Samples(string page, string name) => page.Split('\n')
        .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal))
        .Select(line => (Labels: line[..line.LastIndexOf('}')], Value: line[(line.LastIndexOf('}') + 2)..].Split(' ')[0]))
        .Select(sample => (sample.Labels, (int)double.Parse(sample.Value, CultureInfo.InvariantCulture)));

    [GeneratedRegex("""problem="(?<problem>[^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Problem();
}
