using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace WickrGateway.Tests.Deploy;

/// <summary>The parts of the compose file's profile <c>monitoring</c> fit together: what is mounted, provisioned and scraped exists under these names.</summary>
public sealed partial class ComposeMonitoringTests
{
    private static YamlNode Services => Load("docker-compose.yml")["services"];

    [Fact]
    public void Prometheus_and_Grafana_start_with_the_profile_only_on_loopback_and_in_pinned_versions()
    {
        foreach (var name in (string[])["prometheus", "grafana"])
        {
            var service = Services[name];
            Assert.Equal(["monitoring"], Texts(service["profiles"]));
            Assert.Matches(PinnedImage(), Text(service["image"]));
            Assert.All(Texts(service["ports"]), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Each_mounted_file_exists_and_nothing_is_mounted_writable()
    {
        var mounts = ((string[])["prometheus", "grafana"]).SelectMany(name => Texts(Services[name]["volumes"])).Select(volume => volume.Split(':')).ToList();

        Assert.Equal(3, mounts.Count);
        Assert.All(mounts, mount =>
        {
            Assert.True(Path.Exists(Repository.PathOf(mount[0])), mount[0]);
            Assert.Equal("ro", mount[2]);
        });
    }

    [Fact]
    public void Prometheus_loads_the_rules_and_scrapes_the_management_port_of_each_gateway()
    {
        var configuration = Load("deploy", "prometheus", "compose.yml");
        var job = Assert.Single((YamlSequenceNode)configuration["scrape_configs"]);
        var discovery = Assert.Single((YamlSequenceNode)job["dns_sd_configs"]);
        var gateways = ((YamlMappingNode)Services).Children.Keys.Select(Text).Where(name => name.StartsWith("gateway", StringComparison.Ordinal));

        Assert.Equal(["alerts.yml"], Texts(configuration["rule_files"]));
        Assert.Equal("wickr-gateway", Text(job["job_name"]));
        Assert.Equal(gateways.Order(), Texts(discovery["names"]).Order());
        Assert.Equal("8081", Text(discovery["port"]));
        Assert.Contains("--config.file=/etc/prometheus/compose.yml", Texts(Services["prometheus"]["command"]));
    }

    [Fact]
    public void Grafana_is_provisioned_with_the_Prometheus_and_the_dashboard()
    {
        var source = Assert.Single((YamlSequenceNode)Load("deploy", "grafana", "provisioning", "datasources", "prometheus.yml")["datasources"]);
        var provider = Assert.Single((YamlSequenceNode)Load("deploy", "grafana", "provisioning", "dashboards", "wickr-gateway.yml")["providers"]);
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy", "grafana", "dashboard.json")));
        var variable = dashboard.RootElement.GetProperty("templating").GetProperty("list")[0];

        Assert.Equal("http://prometheus:9090", Text(source["url"]));
        // The dashboard names no data source of its own: its variable takes the default one of this type.
        Assert.Equal((variable.GetProperty("query").GetString(), "true"), (Text(source["type"]), Text(source["isDefault"])));
        Assert.Contains($"./deploy/grafana/dashboard.json:{Text(provider["options"]["path"])}/dashboard.json:ro", Texts(Services["grafana"]["volumes"]));
        Assert.Contains("./deploy/grafana/provisioning:/etc/grafana/provisioning:ro", Texts(Services["grafana"]["volumes"]));
        Assert.Equal($"{Text(provider["options"]["path"])}/dashboard.json", Text(Services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]));
    }

    private static YamlNode Load(params ReadOnlySpan<string> path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Repository.PathOf(path))));
        return yaml.Documents[0].RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static IEnumerable<string> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(Text);

    [GeneratedRegex(@"^[a-z/]+:v?\d+\.\d+\.\d+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PinnedImage();
}
