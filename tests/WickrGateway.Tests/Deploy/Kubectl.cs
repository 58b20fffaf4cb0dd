using System.ComponentModel;
using System.Diagnostics;
using k8s;

namespace WickrGateway.Tests.Deploy;

/// <summary>The output of <c>kubectl kustomize</c> for the example overlay, read into Kubernetes' own types; an unknown field is an error.</summary>
internal sealed class Kubectl
{
    private static readonly Lazy<IReadOnlyList<object>> Example = new(() =>
        [.. KubernetesYaml.LoadAllFromString(Build("deploy", "kubernetes", "overlays", "example"), strict: true)]);

    public static IReadOnlyList<object> ExampleOverlay()
    {
        Assert.SkipUnless(IsInstalled, "kubectl 1.21 or newer is not installed");
        return Example.Value;
    }

    public static T The<T>() => Assert.Single(ExampleOverlay().OfType<T>());

    // Before 1.21 kubectl's kustomize did not accept a directory as a resource.
    private static bool IsInstalled { get; } = Run(["version", "--client", "-o", "json"]) is { } version
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
