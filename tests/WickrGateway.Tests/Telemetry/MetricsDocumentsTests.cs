using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using WickrGateway.Observability;
using WickrGateway.Tests.Deploy;

namespace WickrGateway.Tests.Telemetry;

/// <summary>The metrics in the monitoring table, the dashboard and the alerts exist, with these labels.</summary>
public sealed partial class MetricsDocumentsTests
{
    private static readonly Dictionary<Type, string> Types = new()
    {
        [typeof(Counter<>)] = "counter",
        [typeof(ObservableCounter<>)] = "counter",
        [typeof(Histogram<>)] = "histogram",
        [typeof(ObservableGauge<>)] = "gauge",
    };

    /// <summary>Nothing listens there; the gauge of the limit store is only there with the setting.</summary>
    private const string NoRedis = "127.0.0.1:1";

    [Fact]
    public async Task The_monitoring_table_lists_every_metric_with_its_type_unit_and_labels()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, $"--Limits:Redis={NoRedis}");
        await watched.LoadAsync();
        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9);
        var units = Instruments();

        var real = page.Types.Where(type => type.Key.StartsWith("wickr_gateway_", StringComparison.Ordinal)).Select(type => string.Join(" | ",
        [
            type.Key,
            type.Value,
            units[type.Key].Unit,
            Or(string.Join(", ", page.Samples.Where(sample => sample.Name == type.Key || sample.Name == $"{type.Key}_count").SelectMany(sample => sample.Labels.Keys).Distinct().Order())),
        ])).ToList();
        var documented = Row().Matches(await File.ReadAllTextAsync(Repository.PathOf("deploy", "README.md")))
            .Select(row => string.Join(" | ", row.Groups["name"].Value, row.Groups["type"].Value, row.Groups["unit"].Value, row.Groups["labels"].Value.Replace("`", "", StringComparison.Ordinal).Trim()))
            .ToList();

        // Absent where credentials do not expire, as here; TraceContextTests covers it.
        real.Add("wickr_gateway_credentials_expiry_seconds | gauge | s | none");
        Assert.Equal(units.Count, real.Count);
        Assert.Equal(real.Order(), documented.Order());
        Assert.All(real, row => Assert.Contains(units[row.Split(' ')[0]].Type, row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queries_of_the_dashboard_and_the_alerts_use_metrics_and_labels_that_exist()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, $"--Limits:Redis={NoRedis}");
        await watched.LoadAsync();
        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9);
        var alerts = await File.ReadAllTextAsync(Repository.PathOf("deploy", "prometheus", "alerts.yml"));
        var runbook = Code().Matches(await File.ReadAllTextAsync(Repository.PathOf("deploy", "runbook.md"))).Select(code => code.Value);
        var shown = page.Samples.Select(sample => sample.Name)
            .Concat(Record().Matches(alerts).Select(record => record.Groups["name"].Value))
            .Append("wickr_gateway_credentials_expiry_seconds")
            .ToHashSet();

        var queries = Panels().SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : default)
            .Select(target => target.GetProperty("expr").GetString()!).ToList();
        var named = queries.Append(alerts).Concat(runbook).SelectMany(query => Metric().Matches(Grouping().Replace(query, ""))).Select(metric => metric.Value).Distinct().ToList();

        Assert.True(named.Count > 20);
        Assert.Equal([], named.Where(name => !shown.Contains(name)));

        // Labels that the queries group by; Prometheus itself adds instance, job and namespace.
        var labels = page.Samples.SelectMany(sample => sample.Labels.Keys).Concat(["instance", "job", "namespace"]).ToHashSet();
        Assert.Equal([], queries.Append(alerts).Concat(runbook).SelectMany(query => Grouping().Matches(query)).SelectMany(by => by.Groups["labels"].Value.Split(", ")).Distinct().Where(label => !labels.Contains(label)));
    }

    [Fact]
    public void Each_query_of_the_dashboard_obeys_its_variables()
    {
        var variables = Dashboard().GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!).ToList();
        var selectors = Panels().SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : default)
            .SelectMany(target => Selector().Matches(target.GetProperty("expr").GetString()!)).ToList();

        Assert.Equal(["datasource", "job", "namespace", "region", "instance"], variables);
        Assert.True(selectors.Count >= 30);
        Assert.All(selectors, selector => Assert.StartsWith("""job=~"$job",namespace=~"$namespace",instance=~"$instance""", selector.Groups["labels"].Value, StringComparison.Ordinal));
        // Those that have a region themselves; the others follow by their replicas.
        foreach (var metric in (string[])["retry_budget", "circuit_state", "calls_active", "queue_length", "clock_correction_seconds"])
            Assert.All(selectors.Where(selector => selector.Groups["metric"].Value == $"wickr_gateway_{metric}"), selector => Assert.Contains("""region=~"$region""", selector.Groups["labels"].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_panel_has_a_unit_and_a_description()
    {
        var panels = Panels().Where(panel => panel.GetProperty("type").GetString() != "row").ToList();

        Assert.True(panels.Count > 20);
        Assert.All(panels, panel =>
        {
            Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.InRange(panel.GetProperty("description").GetString()!.Length, 20, 400);
        });
        Assert.Equal(["Overview", "Gateway", "Callers", "Wickr"], Panels().Where(panel => panel.GetProperty("type").GetString() == "row").Select(row => row.GetProperty("title").GetString()!.Split(':')[0]));
    }

    private static JsonElement Dashboard() => JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy", "grafana", "dashboard.json"))).RootElement;

    private static List<JsonElement> Panels() => [.. Dashboard().GetProperty("panels").EnumerateArray()];

    /// <summary>The gateway's own instruments as the code creates them, by their Prometheus names.</summary>
    private static Dictionary<string, (string Unit, string Type)> Instruments()
    {
        using var gateway = Hosting.GatewayHost.Start(new Uri("http://127.0.0.1:1"), new() { ["Limits:Redis"] = NoRedis });
        var found = new ConcurrentDictionary<string, (string, string)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != GatewayMetrics.MeterName)
                return;

            var type = Types[instrument.GetType().GetGenericTypeDefinition()];
            var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (type == "counter" ? "_total" : "");
            found[name] = (Or(instrument.Unit ?? ""), type);
        };
        listener.Start();
        return new(found);
    }

    private static string Or(string text) => text.Length == 0 ? "none" : text.Trim('{', '}');

    [GeneratedRegex(@"^\| `(?<name>wickr_gateway_[a-z_]+)` \| (?<type>[a-z]+) \| (?<unit>[a-z]+) \| (?<labels>[^|]+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"record: (?<name>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Record();

    [GeneratedRegex(@"\b(wickr_gateway|http|kestrel|dotnet|aspnetcore|process)_[a-z0-9_]+(?=[{[ )]|$)|\bwickr_gateway:[a-z0-9_:]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();

    [GeneratedRegex("""(?<metric>[a-z0-9_:]+)\{(?<labels>([^"{}]|"[^"]*")*)\}""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Selector();

    /// <summary>Code of a document: blocks of PromQL, and what is between backticks in its text.</summary>
    [GeneratedRegex("(?<=^```promql\n)[^`]+|(?<=`)[^`\n]+(?=`)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"by \((?<labels>[a-z_, ]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grouping();
}
