using System.Text.Json;
using k8s.Models;

namespace WickrGateway.Tests.Deploy;

/// <summary>The manifests that an installation would apply.</summary>
public sealed class KubernetesTests
{
    private static V1PodSpec Pod => Kubectl.The<V1Deployment>().Spec.Template.Spec;

    private static V1Container Gateway => Assert.Single(Pod.Containers);

    [Fact]
    public void The_example_overlay_builds_every_kind_in_one_namespace()
    {
        var objects = Kubectl.ExampleOverlay().Cast<k8s.IKubernetesObject<V1ObjectMeta>>().ToList();

        Assert.Equal(
            ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Secret", "Service", "ServiceAccount"],
            objects.Select(item => item.Kind).Order(StringComparer.Ordinal));
        Assert.All(objects.Where(item => item is not V1Namespace), item => Assert.Equal("wickr-gateway", item.Metadata.NamespaceProperty));
        Assert.Equal("restricted", Kubectl.The<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Fact]
    public void A_rollout_stops_no_replica_before_its_successor_is_ready()
    {
        var deployment = Kubectl.The<V1Deployment>().Spec;

        Assert.Equal("RollingUpdate", deployment.Strategy.Type);
        Assert.Equal("0", deployment.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.Equal("1", deployment.Strategy.RollingUpdate.MaxSurge.Value);
    }

    [Fact]
    public void A_pod_meets_the_restricted_pod_security_standard()
    {
        Assert.True(Pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(1654, Pod.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", Pod.SecurityContext.SeccompProfile.Type);
        Assert.False(Gateway.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(Gateway.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], Gateway.SecurityContext.Capabilities.Drop);
        Assert.True(Pod.HostNetwork is null or false);
        Assert.All(Pod.Volumes, volume => Assert.Null(volume.HostPath));
    }

    [Fact]
    public void A_pod_has_more_time_to_stop_than_a_call_may_take()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("appsettings.json")));
        var totalTimeout = TimeSpan.Parse(settings.RootElement.GetProperty("Wickr").GetProperty("TotalTimeout").GetString()!);
        var preStop = Gateway.Lifecycle.PreStop.Sleep.Seconds;

        Assert.InRange(preStop, 1, 10);
        Assert.True(Pod.TerminationGracePeriodSeconds > preStop + totalTimeout.TotalSeconds);
    }

    [Fact]
    public void Probes_check_liveness_and_readiness_on_the_management_port()
    {
        Assert.Equal(8080, Assert.Single(Gateway.Ports, port => port.Name == "http").ContainerPort);
        var management = Assert.Single(Gateway.Ports, port => port.Name == "management").ContainerPort;
        Assert.Equal($"{management}", Gateway.Env.Single(variable => variable.Name == "Management__Port").Value);
        Assert.All([Gateway.StartupProbe, Gateway.LivenessProbe, Gateway.ReadinessProbe], probe => Assert.Equal("management", probe.HttpGet.Port.Value));
        Assert.Equal("/healthz", Gateway.StartupProbe.HttpGet.Path);
        Assert.Equal("/healthz", Gateway.LivenessProbe.HttpGet.Path);
        Assert.Equal("/readyz", Gateway.ReadinessProbe.HttpGet.Path);
        // /readyz itself may take 2 s to resolve credentials.
        Assert.True(Gateway.ReadinessProbe.TimeoutSeconds > 2);
    }

    [Fact]
    public void The_autoscaler_alone_sets_the_number_of_replicas()
    {
        // Each apply would set it back.
        Assert.Null(Kubectl.The<V1Deployment>().Spec.Replicas);
        Assert.Equal(2, Kubectl.The<V2HorizontalPodAutoscaler>().Spec.MinReplicas);
    }

    [Fact]
    public void Replicas_are_spread_over_zones_and_nodes_and_have_requests_and_a_memory_limit()
    {
        Assert.Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], Pod.TopologySpreadConstraints.Select(constraint => constraint.TopologyKey));
        Assert.Equal(["cpu", "memory"], Gateway.Resources.Requests.Keys.Order());
        Assert.True(Gateway.Resources.Limits["memory"].ToDecimal() >= Gateway.Resources.Requests["memory"].ToDecimal());
    }

    [Fact]
    public void Service_autoscaler_disruption_budget_and_network_policy_select_these_pods()
    {
        var labels = Kubectl.The<V1Deployment>().Spec.Template.Metadata.Labels;
        var autoscaler = Kubectl.The<V2HorizontalPodAutoscaler>().Spec;

        Assert.All(
            [
                Kubectl.The<V1Deployment>().Spec.Selector.MatchLabels,
                Kubectl.The<V1Service>().Spec.Selector,
                Kubectl.The<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
                Kubectl.The<V1NetworkPolicy>().Spec.PodSelector.MatchLabels,
            ],
            selector => Assert.Equal(labels, selector));
        Assert.Equal("http", Assert.Single(Kubectl.The<V1Service>().Spec.Ports).TargetPort.Value);
        Assert.Equal(("Deployment", Kubectl.The<V1Deployment>().Metadata.Name), (autoscaler.ScaleTargetRef.Kind, autoscaler.ScaleTargetRef.Name));
        Assert.Equal(2, autoscaler.MinReplicas);
        Assert.True(autoscaler.MaxReplicas > autoscaler.MinReplicas);
        Assert.Equal("1", Kubectl.The<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
    }

    [Fact]
    public void Ingress_is_from_labelled_namespaces_and_egress_to_dns_https_and_identity()
    {
        var policy = Kubectl.The<V1NetworkPolicy>().Spec;

        Assert.Equal(["Ingress", "Egress"], policy.PolicyTypes);
        Assert.Equal(
            ["wickr-gateway/caller http", "wickr-gateway/monitoring management"],
            policy.Ingress.Select(rule => $"{Assert.Single(Assert.Single(rule.FromProperty).NamespaceSelector.MatchLabels, label => label.Value == "true").Key} {Assert.Single(rule.Ports).Port.Value}"));
        Assert.All(policy.Egress, egress => Assert.NotEmpty(egress.To));
        Assert.Equal(
            ["443", "443,8443", "53,53", "80"],
            policy.Egress.Select(egress => string.Join(',', egress.Ports.Select(port => port.Port.Value))).Order(StringComparer.Ordinal));
        // The metadata service of the node would give out the node's role.
        var https = Assert.Single(policy.Egress, egress => egress.To.Any(to => to.IpBlock?.Cidr == "0.0.0.0/0"));
        Assert.Contains("169.254.0.0/16", https.To.Single(to => to.IpBlock.Cidr == "0.0.0.0/0").IpBlock.Except);
    }

    [Fact]
    public void Callers_come_from_a_mounted_directory_that_is_updated_with_its_Secret()
    {
        var mount = Assert.Single(Gateway.VolumeMounts);
        var secret = Kubectl.The<V1Secret>();
        var file = Gateway.Env.Single(variable => variable.Name == "Auth__CallersFile").Value;

        Assert.Null(mount.SubPath);
        Assert.Equal(secret.Metadata.Name, Pod.Volumes.Single(volume => volume.Name == mount.Name).Secret.SecretName);
        Assert.Equal("wickr-gateway-callers", secret.Metadata.Name);
        Assert.Equal($"{mount.MountPath}/{Assert.Single(secret.Data.Keys)}", file);
    }

    [Fact]
    public void AWS_credentials_come_from_the_service_account_and_never_as_keys()
    {
        var account = Kubectl.The<V1ServiceAccount>();
        var names = Gateway.Env.Select(variable => variable.Name).Concat(Kubectl.The<V1ConfigMap>().Data.Keys);

        Assert.Equal(account.Metadata.Name, Pod.ServiceAccountName);
        Assert.StartsWith("arn:aws:iam::", account.Metadata.Annotations["eks.amazonaws.com/role-arn"]);
        Assert.False(account.AutomountServiceAccountToken);
        Assert.False(Pod.AutomountServiceAccountToken);
        // STS is asked in the region of the cluster, also when Wickr:Region is absent.
        Assert.Equal(["AWS_REGION"], names.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)));
    }
}
