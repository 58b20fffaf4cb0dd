using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace WickrGateway.Tests.Deploy;

/// <summary>Each alert says what it is about and leads to its section of the runbook; each section leads to what exists.</summary>
public sealed partial class AlertRulesTests
{
    private const string RunbookPath = "deploy/runbook.md";

    private static readonly string Runbook = File.ReadAllText(Repository.PathOf("deploy", "runbook.md"));

    [Fact]
    public void Each_alert_has_texts_a_severity_and_a_section_of_the_runbook()
    {
        var anchors = DocumentsTests.Anchors(Repository.PathOf("deploy", "runbook.md"));

        Assert.NotEmpty(Alerts());
        Assert.All(Alerts(), alert =>
        {
            var annotations = (YamlMappingNode)alert["annotations"];
            Assert.InRange(Text(annotations, "summary").Length, 20, 200);
            Assert.InRange(Text(annotations, "description").Length, 20, 400);
            Assert.Contains(Text(alert["labels"], "severity"), (string[])["page", "ticket"]);
            Assert.Equal($"{RunbookPath}#{Name(alert).ToLowerInvariant()}", Text(annotations, "runbook_url"));
            Assert.Contains(Text(annotations, "runbook_url").Split('#')[1], anchors);
        });
    }

    [Fact]
    public void Each_section_about_an_alert_says_what_it_means_what_callers_see_what_to_look_at_and_what_to_do()
    {
        var sections = Section().Matches(Runbook).ToList();

        Assert.Equal(Alerts().Select(Name).Order(), sections.Select(section => section.Groups["alert"].Value).Order());
        Assert.All(sections, section => Assert.Equal(["What it means", "What callers see", "Look at", "Do"], Part().Matches(section.Value).Select(part => part.Groups["name"].Value.TrimEnd('.'))));
    }

    [Fact]
    public void Each_log_line_that_the_runbook_quotes_is_one_that_the_gateway_writes()
    {
        var source = string.Concat(Directory.EnumerateFiles(Repository.PathOf("src", "WickrGateway"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText));
        // A quote begins like a sentence, or is the fixed end of one.
        var quoted = Code().Matches(Runbook).Select(code => code.Groups["text"].Value).Where(text => Words().IsMatch(text)).Distinct().ToList();

        Assert.True(quoted.Count > 15, string.Join('\n', quoted));
        Assert.Equal([], quoted.Where(text => !source.Contains(text, StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_alert_is_tested_when_it_fires_and_when_it_does_not()
    {
        var tests = (YamlSequenceNode)Load("alerts.test.yml")["tests"];
        var expected = tests.SelectMany(test => (YamlSequenceNode)test["alert_rule_test"]).Select(test => (Alert: Text(test, "alertname"), Fires: ((YamlSequenceNode)test["exp_alerts"]).Any())).ToHashSet();

        Assert.Equal([], Alerts().Select(Name).Where(name => !expected.Contains((name, true)) || !expected.Contains((name, false))));
    }

    /// <summary>One deployment must not hide another.</summary>
    [Fact]
    public void Each_rule_that_aggregates_keeps_job_and_namespace()
    {
        var expressions = Rules().Select(rule => Text(rule, "expr")).ToList();

        Assert.True(expressions.Count > 25);
        Assert.Equal([], expressions.SelectMany(expression => Aggregation().Matches(expression).Select(match => match.Value)).Where(grouping => !grouping.Contains("by (job, namespace", StringComparison.Ordinal)));
    }

    private static List<YamlNode> Rules() => [.. ((YamlSequenceNode)Load("alerts.yml")["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"])];

    private static List<YamlNode> Alerts() => [.. Rules().Where(rule => ((YamlMappingNode)rule).Children.ContainsKey("alert"))];

    private static string Name(YamlNode alert) => Text(alert, "alert");

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static YamlNode Load(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Repository.PathOf("deploy", "prometheus", file))));
        return yaml.Documents[0].RootNode;
    }

    [GeneratedRegex("^### (?<alert>Wickr[A-Za-z]+)$.*?(?=^##|\\z)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Section();

    [GeneratedRegex(@"^- \*\*(?<name>[^*]+)\*\*", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();

    [GeneratedRegex("(?<!`)`(?<text>[^`\\n]+)`(?!`)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("^([A-Z][A-Za-z']+|its|settings|cannot) [a-z]+ [^{}()=]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Words();

    [GeneratedRegex(@"\b(sum|min|max|count|group|avg) (by|without)? ?\([a-z, ]*\)|\b(sum|min|max|count|group|avg)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Aggregation();
}
