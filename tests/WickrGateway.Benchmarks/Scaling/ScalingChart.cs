using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Scaling;

/// <summary>A bar chart of the CPU time per request with one panel for each series, all on one scale; readable on light and dark pages.</summary>
internal static class ScalingChart
{
    private const int Width = 880;
    private const int Height = 300;
    private const int Left = 48;
    private const int Top = 48;
    private const int PlotHeight = 190;
    private const int Gap = 28;

    private const string Style =
        """
        <style>
          text { font: 12px system-ui, sans-serif; fill: #333 }
          .title { font-size: 14px; font-weight: 600 }
          .grid { stroke: #ccc }
          .bar { fill: #2f6fb3 }
          .page { fill: #fff }
          @media (prefers-color-scheme: dark) {
            text { fill: #ddd }
            .grid { stroke: #444 }
            .bar { fill: #6aa9e9 }
            .page { fill: #111 }
          }
        </style>
        """;

    public static string Draw(IReadOnlyList<Series> series)
    {
        var step = Step(series.SelectMany(one => one.Points).Max(point => point.Cpu));
        var max = step * Math.Ceiling(series.SelectMany(one => one.Points).Max(point => point.Cpu) / step);
        var svg = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img" aria-label="CPU time per request by load and settings">""")
            .AppendLine(Style)
            .AppendLine(CultureInfo.InvariantCulture, $"""<rect class="page" width="{Width}" height="{Height}"/>""")
            .AppendLine(CultureInfo.InvariantCulture, $"""<text class="title" x="{Left}" y="24">CPU time per request, µs</text>""");
        for (var value = 0.0; value <= max; value += step)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<line class="grid" x1="{Left}" x2="{Width - 12}" y1="{Y(value, max):F1}" y2="{Y(value, max):F1}"/>""")
                .AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Left - 8}" y="{Y(value, max) + 4:F1}" text-anchor="end">{value:F0}</text>""");
        }

        Bars(svg, series, max);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void Bars(StringBuilder svg, IReadOnlyList<Series> series, double max)
    {
        var slot = (double)(Width - 12 - Left - (Gap * series.Count)) / series.Sum(one => one.Points.Count);
        var x = Left + (Gap / 2.0);
        foreach (var one in series)
        {
            var middle = x + (slot * one.Points.Count / 2);
            foreach (var point in one.Points)
            {
                svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect class="bar" x="{x + (slot * 0.15):F1}" y="{Y(point.Cpu, max):F1}" width="{slot * 0.7:F1}" height="{Y(0, max) - Y(point.Cpu, max):F1}" rx="2"/>""")
                    .AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x + (slot / 2):F1}" y="{Y(point.Cpu, max) - 5:F1}" text-anchor="middle">{point.Cpu:F0}</text>""")
                    .AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x + (slot / 2):F1}" y="{Top + PlotHeight + 18}" text-anchor="middle">{point.Label}</text>""");
                x += slot;
            }

            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="title" x="{middle:F1}" y="{Top + PlotHeight + 42}" text-anchor="middle">{one.Name}</text>""");
            x += Gap;
        }
    }

    private static double Y(double value, double max) => Top + (PlotHeight * (1 - (value / max)));

    /// <summary>A round distance between grid lines, so that there are about five of them.</summary>
    private static double Step(double max)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(max / 5)));
        return new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(step => max / step <= 6);
    }
}
