using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using k8s;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Deploy;

/// <summary>The output of <c>kubectl kustomize</c>.</summary>
internal static class Kubectl
{
    private static readonly ConcurrentDictionary<string, string> Outputs = new(StringComparer.Ordinal);

    /// <summary>The manifests of the example overlay.</summary>
    public static IReadOnlyList<object> ExampleOverlay() => Example();

    /// <summary>
    /// The manifests of the example overlay with these components, in Kubernetes' own types, without those of other kinds; an unknown field
    /// is an error.
    /// </summary>
    public static IReadOnlyList<object> Example(params string[] components) =>
        KubernetesYaml.LoadAllFromString(string.Join("\n---\n", Split(Yaml(components)).Where(document => !IsOfOperator(document))), strict: true);

    public static T The<T>(params string[] components) => Assert.Single(Example(components).OfType<T>());

    /// <summary>The manifests that belong to the Prometheus Operator.</summary>
    public static IReadOnlyList<string> OfOperator(params string[] components) => [.. Split(Yaml(components)).Where(IsOfOperator)];

    /// <summary>The names of all components.</summary>
    public static string[] Components() =>
        [.. Directory.GetDirectories(Repository.PathOf("deploy", "kubernetes", "components")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>What kubectl prints for the example overlay with these components.</summary>
    public static string Yaml(params string[] components)
    {
        Assert.SkipUnless(IsInstalled, "kubectl 1.29 or newer is not installed");
        return Outputs.GetOrAdd(string.Join(' ', components), _ => Build(components));
    }

    // Older ones than Kubernetes 1.30 accepts are not tested.
    private static bool IsInstalled { get; } = Run(["version", "--client", "-o", "json"]) is { } version
        && JsonDocument.Parse(version).RootElement.GetProperty("clientVersion").GetProperty("minor").GetString() is { } minor
        && int.Parse(minor.TrimEnd('+')) >= 29;

    private static string[] Split(string yaml) => yaml.Split("\n---\n");

    private static bool IsOfOperator(string document) => document.Contains("apiVersion: monitoring.coreos.com/v1\n", StringComparison.Ordinal);

    private static string Build(string[] components)
    {
        using var overlay = new TemporaryFiles();
        var manifests = Path.GetRelativePath(overlay.Directory.FullName, Repository.PathOf("deploy", "kubernetes"));
        overlay.Write("kustomization.yaml", $"""
            resources: [{manifests}/overlays/example]
            components: [{string.Join(", ", components.Select(name => $"{manifests}/components/{name}"))}]
            """);
        return Run(["kustomize", overlay.Directory.FullName]) ?? throw new InvalidOperationException("kubectl kustomize failed.");
    }

    private static string? Run(IEnumerable<string> arguments)
    {
        try
        {
            using var kubectl = Process.Start(new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = kubectl.StandardOutput.ReadToEnd();
            kubectl.WaitForExit();
            return kubectl.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
