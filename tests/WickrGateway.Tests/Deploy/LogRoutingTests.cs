using System.Text.Json;
using System.Text.RegularExpressions;
using WickrGateway.Tests.Hosting;
using YamlDotNet.RepresentationModel;

namespace WickrGateway.Tests.Deploy;

/// <summary>
/// The recipes for log collectors, against the lines of a real gateway. The collectors themselves do not run here: the tests read the rule out
/// of each recipe and apply it.
/// </summary>
public sealed class LogRoutingTests
{
    [Fact]
    public async Task Fluent_Bit_moves_the_audit_lines_to_a_tag_of_their_own_and_nothing_else()
    {
        var pipeline = Read("fluent-bit.yaml")["pipeline"];
        var filters = (YamlSequenceNode)pipeline["filters"];
        var rule = Text(filters.Single(filter => Text(filter["name"]) == "rewrite_tag")["rule"]).Split(' ');
        var (field, expression, tag, keeps) = (rule[0], rule[1], rule[2], rule[3]);
        Assert.StartsWith("$", field);
        Assert.Equal("false", keeps);

        foreach (var (line, isAudit) in await LinesAsync())
        {
            var matches = line.TryGetProperty(field[1..], out var value) && Regex.IsMatch(value.GetString()!, expression, RegexOptions.None, TimeSpan.FromSeconds(1));
            Assert.Equal(isAudit, matches);
        }

        // Each tag is matched by one output, and the new one by no filter, which would move the record again.
        const string OldTag = "wickr-gateway.var.log.containers.x";
        var newTag = tag.Replace("$TAG", OldTag, StringComparison.Ordinal);
        var outputs = ((YamlSequenceNode)pipeline["outputs"]).Select(output => Text(output["match"])).ToList();
        Assert.Equal(["audit.*"], outputs.Where(match => Matches(match, newTag)));
        Assert.Single(outputs, match => Matches(match, OldTag));
        Assert.DoesNotContain(filters, filter => Matches(Text(filter["match"]), newTag));
    }

    [Fact]
    public async Task Vector_routes_the_audit_lines_to_a_sink_of_their_own_and_nothing_else()
    {
        var recipe = Read("vector.yaml");
        var condition = Regex.Match(Text(recipe["transforms"]["by_source"]["route"]["audit"]), @"^\.line\.(?<field>\w+) == ""(?<value>[^""]+)""$", RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.True(condition.Success);

        foreach (var (line, isAudit) in await LinesAsync())
            Assert.Equal(isAudit, line.TryGetProperty(condition.Groups["field"].Value, out var value) && value.GetString() == condition.Groups["value"].Value);

        var inputs = ((YamlMappingNode)recipe["sinks"]).Children.Select(sink => Text(((YamlSequenceNode)sink.Value["inputs"]).Single()));
        Assert.Equal(["by_source.audit", "by_source._unmatched"], inputs);
        var selector = Text(recipe["sources"]["gateway"]["extra_label_selector"]).Split('=');
        Assert.Equal(selector[1], Kubectl.The<k8s.Models.V1Deployment>().Spec.Template.Metadata.Labels[selector[0]]);
    }

    /// <summary>All that a gateway writes from its start on, for a call that succeeds and refused ones, and whether each is the audit's.</summary>
    private static async Task<IReadOnlyList<(JsonElement Line, bool IsAudit)>> LinesAsync()
    {
        await using var wickr = new ScriptedUpstream().Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        await client.SuspendAsync();
        using var refused = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"reason":"\"source\":\"WickrGateway.Audit\""}"""));
        client.DefaultRequestHeaders.Remove("X-Api-Key");
        using var anonymous = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitAsync());

        // Only the audit's lines have an event.
        var lines = gateway.StandardOutput.Select(line => JsonDocument.Parse(line).RootElement).Select(line => (line, line.TryGetProperty("event", out _))).ToList();
        Assert.Equal(4, lines.Count(line => line.Item2));
        Assert.True(lines.Count > 6);
        return lines;
    }

    private static YamlMappingNode Read(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Repository.PathOf("deploy", "kubernetes", "log-routing", file))));
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    /// <summary>As Fluent Bit: a star stands for any text, and nothing else is special.</summary>
    private static bool Matches(string pattern, string tag) => Regex.IsMatch(tag, $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(1));
}
