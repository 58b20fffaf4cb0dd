using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using WickrGateway.Tests.Hosting;
using YamlDotNet.Serialization;

namespace WickrGateway.Tests.Deploy;

/// <summary>What an installation can add to the example overlay.</summary>
public sealed class KubernetesComponentsTests
{
    [Fact]
    public void The_components_are_those_that_the_example_overlay_names()
    {
        var example = File.ReadAllText(Repository.PathOf("deploy", "kubernetes", "overlays", "example", "kustomization.yaml"));

        Assert.Equal(["audit-file", "monitoring", "otlp", "shared-limits", "tls"], Kubectl.Components());
        Assert.All(Kubectl.Components(), name => Assert.Contains($"- ../../components/{name}\n", example, StringComparison.Ordinal));
    }

    [Fact]
    public void All_components_together_give_the_same_manifests_in_any_order()
    {
        var names = Kubectl.Components();

        Assert.Equal(Environments(names), Environments([.. names.Reverse()]));
        Assert.Single(Kubectl.Example(names).OfType<V1StatefulSet>());

        static IEnumerable<string> Environments(string[] components) =>
            Kubectl.The<V1StatefulSet>(components).Spec.Template.Spec.Containers.Single().Env.Select(variable => $"{variable.Name}={variable.Value}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Prometheus_scrapes_the_named_management_port_of_each_pod_as_the_job_of_the_rules()
    {
        var monitor = Parse(Assert.Single(Kubectl.OfOperator("monitoring"), manifest => manifest.Contains("kind: PodMonitor\n", StringComparison.Ordinal)));
        var deployment = Kubectl.The<V1Deployment>();
        var endpoint = (Dictionary<object, object>)((List<object>)monitor["podMetricsEndpoints"]).Single();
        var labels = (Dictionary<object, object>)((Dictionary<object, object>)monitor["selector"])["matchLabels"];

        Assert.Contains(deployment.Spec.Template.Spec.Containers.Single().Ports, port => port.Name == (string)endpoint["port"] && port.ContainerPort == 8081);
        Assert.Equal("/metrics", endpoint["path"]);
        Assert.Equal(deployment.Spec.Template.Metadata.Labels.Select(label => (label.Key, label.Value)), labels.Select(label => ((string)label.Key, (string)label.Value)));
        Assert.Equal("wickr-gateway", deployment.Spec.Template.Metadata.Labels[(string)monitor["jobLabel"]]);
        Assert.Contains("job_name: wickr-gateway\n", File.ReadAllText(Repository.PathOf("deploy", "prometheus", "prometheus.yml")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_in_the_cluster_are_those_of_the_rule_file_If_not_run_update_rules_in_the_component()
    {
        var rules = File.ReadAllText(Repository.PathOf("deploy", "prometheus", "alerts.yml"));
        var component = File.ReadAllText(Repository.PathOf("deploy", "kubernetes", "components", "monitoring", "prometheusrule.yaml"));
        var manifest = Parse(Assert.Single(Kubectl.OfOperator("monitoring"), manifest => manifest.Contains("kind: PrometheusRule\n", StringComparison.Ordinal)));

        Assert.Equal(
            string.Concat(rules.TrimEnd('\n').Split('\n').Select(line => line.Length == 0 ? "\n" : $"  {line}\n")),
            component[(component.IndexOf("\nspec:\n", StringComparison.Ordinal) + "\nspec:\n".Length)..]);
        // What kubectl makes of it means the same as what Prometheus reads.
        Assert.True(JsonNode.DeepEquals(Json(new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(rules)["groups"]), Json(manifest["groups"])));

        static JsonNode? Json(object yaml) => JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml));
    }

    [Fact]
    public void The_dashboard_in_the_cluster_is_the_dashboard_itself_under_a_lasting_name()
    {
        var dashboard = Assert.Single(Kubectl.Example("monitoring").OfType<V1ConfigMap>(), map => map.Metadata.Labels?.ContainsKey("grafana_dashboard") == true);

        Assert.Equal("wickr-gateway-dashboard", dashboard.Metadata.Name);
        Assert.Equal(File.ReadAllText(Repository.PathOf("deploy", "grafana", "dashboard.json")), Assert.Single(dashboard.Data).Value);
    }

    [Theory]
    [InlineData("otlp", "wickr-gateway/telemetry", "4317,4318")]
    [InlineData("shared-limits", "wickr-gateway/limit-store", "6379")]
    public void Further_egress_is_to_labelled_namespaces_on_its_ports_alone(string component, string label, string ports)
    {
        var added = Assert.Single(Kubectl.Example(component).OfType<V1NetworkPolicy>(), policy => policy.Metadata.Name != "wickr-gateway").Spec;
        var egress = Assert.Single(added.Egress);

        // With Ingress among the types, a policy without such rules would cut off the callers.
        Assert.Equal(["Egress"], added.PolicyTypes);
        Assert.Equal(Kubectl.The<V1Deployment>().Spec.Template.Metadata.Labels, added.PodSelector.MatchLabels);
        Assert.Equal(new KeyValuePair<string, string>(label, "true"), Assert.Single(Assert.Single(egress.To).NamespaceSelector.MatchLabels));
        Assert.Equal(ports, string.Join(',', egress.Ports.Select(port => port.Port.Value)));
    }

    [Fact]
    public void The_store_of_shared_limits_comes_from_a_Secret()
    {
        var variable = Assert.Single(Gateway("shared-limits").Env, variable => variable.Name == "Limits__Redis");

        Assert.Null(variable.Value);
        Assert.Equal(("wickr-gateway-limits", "redis"), (variable.ValueFrom.SecretKeyRef.Name, variable.ValueFrom.SecretKeyRef.Key));
    }

    [Fact]
    public async Task A_gateway_starts_with_the_configuration_string_that_the_component_shows()
    {
        var shown = Regex.Match(File.ReadAllText(Repository.PathOf("deploy", "kubernetes", "components", "shared-limits", "kustomization.yaml")), "printf %s '(?<string>[^']+)'", RegexOptions.None, TimeSpan.FromSeconds(1));
        var settings = GatewayProcess.MinimalSettings();
        settings[Assert.Single(Gateway("shared-limits").Env, variable => variable.ValueFrom is not null).Name] = shown.Groups["string"].Value;

        await using var gateway = GatewayProcess.Start(settings, ["--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Information"]);

        // There is no such store here, and a gateway without its store starts all the same.
        await gateway.ListeningAsync();
        Assert.DoesNotContain("password=", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TLS_replaces_the_port_of_the_API_everywhere_and_leaves_the_management_port()
    {
        var gateway = Gateway("tls");

        Assert.Equal(["https 8443", "management 8081"], gateway.Ports.Select(port => $"{port.Name} {port.ContainerPort}"));
        Assert.Equal(["https 443 https"], Kubectl.The<V1Service>("tls").Spec.Ports.Select(port => $"{port.Name} {port.Port} {port.TargetPort.Value}"));
        Assert.Equal(["https", "management"], Kubectl.The<V1NetworkPolicy>("tls").Spec.Ingress.Select(rule => Assert.Single(rule.Ports).Port.Value));
        Assert.All([gateway.StartupProbe, gateway.LivenessProbe, gateway.ReadinessProbe], probe => Assert.Equal("management", probe.HttpGet.Port.Value));
        Assert.All([gateway.StartupProbe, gateway.LivenessProbe, gateway.ReadinessProbe], probe => Assert.True(probe.HttpGet.Scheme is null or "HTTP"));
    }

    [Fact]
    public async Task TLS_with_the_variables_of_the_component_A_gateway_serves_the_mounted_certificate_and_nothing_without_TLS()
    {
        var gateway = Gateway("tls");
        var mount = Assert.Single(gateway.VolumeMounts, mount => mount.Name == "tls");
        Assert.Null(mount.SubPath);
        using var certificate = new MountedCertificate("api.example.com");
        var settings = GatewayProcess.MinimalSettings();
        // The image sets it, not a setting of the test's.
        settings.Remove("urls");
        settings["ASPNETCORE_HTTP_PORTS"] = "8080";
        foreach (var variable in gateway.Env.Where(variable => variable.Name.StartsWith("Kestrel__", StringComparison.Ordinal) || variable.Name == "ASPNETCORE_HTTP_PORTS"))
            settings[variable.Name] = variable.Value.Replace(mount.MountPath, Path.GetDirectoryName(certificate.Path), StringComparison.Ordinal).Replace("*:8443", "127.0.0.1:0", StringComparison.Ordinal);

        await using var process = GatewayProcess.Start(settings, ["--Serilog:MinimumLevel:Override:Microsoft=Information"]);
        var address = await process.ListeningAsync();

        Assert.Equal("https", address.Scheme);
        Assert.Equal("CN=api.example.com", (await MountedCertificate.SentByAsync(address))[0]);
        Assert.DoesNotContain("Overriding address", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", string.Concat(process.StandardOutput.Where(line => line.Contains("Now listening", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_audit_file_is_on_a_volume_of_its_own_for_each_replica_which_outlives_the_pod()
    {
        Assert.Empty(Kubectl.Example("audit-file").OfType<V1Deployment>());
        var set = Kubectl.The<V1StatefulSet>("audit-file").Spec;
        var gateway = Gateway("audit-file");
        var claim = Assert.Single(set.VolumeClaimTemplates);
        var mount = Assert.Single(gateway.VolumeMounts, mount => mount.Name == claim.Metadata.Name);

        Assert.StartsWith($"{mount.MountPath}/", gateway.Env.Single(variable => variable.Name == "Audit__Path").Value);
        Assert.True(mount.ReadOnlyProperty is null or false);
        Assert.Equal(["ReadWriteOnce"], claim.Spec.AccessModes);
        Assert.Equal(("Retain", "Retain"), (set.PersistentVolumeClaimRetentionPolicy.WhenDeleted, set.PersistentVolumeClaimRetentionPolicy.WhenScaled));
        // The volume's group, without changing the mode of the files in it.
        Assert.Equal((1654, "OnRootMismatch"), (set.Template.Spec.SecurityContext.FsGroup, set.Template.Spec.SecurityContext.FsGroupChangePolicy));
        Assert.Null(set.Replicas);
        Assert.Equal("StatefulSet", Kubectl.The<V2HorizontalPodAutoscaler>("audit-file").Spec.ScaleTargetRef.Kind);
        Assert.Equal(Kubectl.The<V1Service>().Metadata.Name, set.ServiceName);
    }

    [Fact]
    public void An_audit_file_changes_nothing_else_of_the_pods()
    {
        var (plain, stateful) = (Gateway(), Gateway("audit-file"));

        Assert.Equal(plain.Env.Select(variable => variable.Name).Append("Audit__Path"), stateful.Env.Select(variable => variable.Name));
        Assert.Equal(plain.VolumeMounts.Select(mount => mount.Name).Append("audit"), stateful.VolumeMounts.Select(mount => mount.Name));
        Assert.Equal(plain.Image, stateful.Image);
        Assert.Equal(Kubectl.The<V1Deployment>().Spec.Template.Metadata.Labels, Kubectl.The<V1StatefulSet>("audit-file").Spec.Template.Metadata.Labels);
        Assert.Equal(plain.EnvFrom.Single().ConfigMapRef.Name, stateful.EnvFrom.Single().ConfigMapRef.Name);
    }

    private static V1Container Gateway(params string[] components)
    {
        var pod = Kubectl.Example(components).OfType<V1Deployment>().SingleOrDefault()?.Spec.Template.Spec ?? Kubectl.The<V1StatefulSet>(components).Spec.Template.Spec;
        return Assert.Single(pod.Containers);
    }

    private static Dictionary<object, object> Parse(string manifest) =>
        (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(manifest)["spec"];
}
