using System.Globalization;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.Telemetry;

/// <summary>One line of <c>/metrics</c>.</summary>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary><c>/metrics</c> as Prometheus reads it.</summary>
internal sealed partial record MetricsPage(string Text, IReadOnlyList<Sample> Samples, IReadOnlyDictionary<string, string> Types)
{
    public static MetricsPage Parse(string text)
    {
        var types = new Dictionary<string, string>();
        var samples = new List<Sample>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is ["#", "TYPE", var name, var type])
                types.Add(name, type);

            if (line.StartsWith('#'))
                continue;

            var match = Line().Match(line);
            Assert.True(match.Success, line);
            samples.Add(new Sample(
                match.Groups["name"].Value,
                Label().Matches(match.Groups["labels"].Value).ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value),
                double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }

        return new MetricsPage(text, samples, types);
    }

    /// <summary>The sum over all label sets that have these labels.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) =>
        Samples.Where(sample => sample.Name == name && Array.TrueForAll(labels, label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Sum(sample => sample.Value);

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \S+)?$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)",?""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
