using System.Globalization;
using System.Text;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>A table in Markdown.</summary>
internal sealed class ReportTable
{
    private readonly StringBuilder _text = new("| measure | value |\n|---|---:|\n");

    public ReportTable Row(string measure, string value)
    {
        _text.Append(CultureInfo.InvariantCulture, $"| {measure} | {value} |\n");
        return this;
    }

    public override string ToString() => _text.Append('\n').ToString();
}

/// <summary>The counts in a table that must be 0.</summary>
internal sealed class ReportErrors(ReportTable table)
{
    public int Sum { get; private set; }

    public void Add(string measure, int count)
    {
        table.Row(measure, $"{count}");
        Sum += count;
    }
}
