using System.ComponentModel;
using System.Diagnostics;
using k8s;

namespace WickrGateway.Tests.Deploy;

/// <summary>What <c>kubectl kustomize</c> makes of the example overlay, read into Kubernetes' own types: a member that a type does not have is refused.</summary>
internal sealed class Kubectl
{
    private static readonly Lazy<IReadOnlyList<object>> Example = new(() =>
        [.. KubernetesYaml.LoadAllFromString(Build("deploy", "kubernetes", "overlays", "example"), strict: true)]);

    public static IReadOnlyList<object> ExampleOverlay()
    {
        Assert.SkipUnless(IsThere, "kubectl 1.21 or newer is not installed");
        return Example.Value;
    }

    public static T The<T>() => Assert.Single(ExampleOverlay().OfType<T>());

    // Before 1.21 kubectl's kustomize could not take a directory as a resource.
    private static bool IsThere { get; } = Run(["version", "--client", "-o", "json"]) is { } version
        && System.Text.Json.JsonDocument.Parse(version).RootElement.GetProperty("clientVersion").GetProperty("minor").GetString() is { } minor
        && int.Parse(minor.TrimEnd('+')) >= 21;

    private static string Build(params ReadOnlySpan<string> folder) =>
        Run(["kustomize", Repository.PathOf(folder)]) ?? throw new InvalidOperationException("kubectl kustomize failed.");

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
