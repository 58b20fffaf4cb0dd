using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using WickrGateway.Tests.Hosting;
using YamlDotNet.RepresentationModel;

namespace WickrGateway.Tests.Deploy;

/// <summary>How images and releases come about: the workflows, the changelog, the image's labels, the packages.</summary>
public sealed partial class ReleaseTests
{
    private static readonly string Version = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    public static TheoryData<string> Workflows() => [.. Directory.GetFiles(Repository.PathOf(".github", "workflows"), "*.yml").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_action_is_pinned_by_commit_with_its_version_beside_it(string workflow)
    {
        var uses = File.ReadLines(PathOf(workflow)).Where(line => line.Contains("uses:", StringComparison.Ordinal)).Select(line => line.Trim().TrimStart('-').Trim()).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(Pinned(), line));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_may_only_read_and_each_job_that_may_write_says_so(string workflow)
    {
        var permissions = (YamlMappingNode)Read(workflow)["permissions"];

        Assert.Equal(["contents: read"], permissions.Select(permission => $"{permission.Key}: {permission.Value}"));
    }

    [Fact]
    public void On_a_pull_request_nothing_may_write_and_no_secret_is_used()
    {
        var workflows = Workflows().Select(row => row.Data).Where(name => Triggers(name).Contains("pull_request")).ToList();
        Assert.Equal(["ci.yml"], workflows);
        Assert.DoesNotContain(Workflows(), row => Triggers(row.Data).Any(trigger => trigger is "pull_request_target" or "workflow_run"));

        foreach (var (workflow, job) in workflows.SelectMany(JobsWithCalled))
        {
            var permissions = job.Children.TryGetValue("permissions", out var node) ? node.ToString() : "";
            Assert.False(permissions.Contains("write", StringComparison.Ordinal), $"{workflow} may write: {permissions}");
            Assert.DoesNotContain("secrets", job.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_publishing_may_write_packages_and_only_a_release_may_write_contents()
    {
        var writers = Workflows().SelectMany(row => Jobs(row.Data).SelectMany(job => Writes(job.Job).Select(scope => $"{row.Data} {job.Name} {scope}"))).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "publish.yml publish attestations", "publish.yml publish id-token", "publish.yml publish packages",
                "rebuild.yml publish attestations", "rebuild.yml publish id-token", "rebuild.yml publish packages",
                "release.yml publish attestations", "release.yml publish id-token", "release.yml publish packages",
                "release.yml release contents",
            ],
            writers);
    }

    [Fact]
    public void What_is_published_was_tested_before_and_is_signed_and_attested_by_digest()
    {
        foreach (var workflow in (string[])["release.yml", "rebuild.yml"])
            Assert.Contains("test", Jobs(workflow).Single(job => job.Name == "publish").Job["needs"].ToString(), StringComparison.Ordinal);

        var steps = ((YamlSequenceNode)Jobs("publish.yml").Single().Job["steps"]).Cast<YamlMappingNode>().ToList();
        var build = Step("docker/build-push-action");
        Assert.Equal("true", build["with"]["push"].ToString());
        Assert.Equal(("true", "mode=max"), (build["with"]["sbom"].ToString(), build["with"]["provenance"].ToString()));
        var sign = Assert.Single(steps, step => step.Children.TryGetValue("run", out var run) && run.ToString().StartsWith("cosign sign", StringComparison.Ordinal));
        Assert.EndsWith("@${{ steps.build.outputs.digest }}", sign["env"]["IMAGE"].ToString());
        Assert.Equal("${{ steps.build.outputs.digest }}", Step("actions/attest-build-provenance")["with"]["subject-digest"].ToString());
        Assert.True(steps.IndexOf(sign) > steps.IndexOf(build));

        YamlMappingNode Step(string action) => Assert.Single(steps, step => step.Children.TryGetValue("uses", out var uses) && uses.ToString().StartsWith($"{action}@", StringComparison.Ordinal));
    }

    [Fact]
    public void The_latest_release_is_built_again_each_week_on_new_base_images()
    {
        var schedule = Assert.Single((YamlSequenceNode)Read("rebuild.yml")["on"]["schedule"])["cron"].ToString();
        var build = File.ReadAllText(PathOf("publish.yml"));

        // Minute, hour, any day of the month, any month, one day of the week.
        Assert.Matches(@"^\d+ \d+ \* \* [0-6]$", schedule);
        Assert.Contains("pull: true", build, StringComparison.Ordinal);
        Assert.Contains("no-cache: true", build, StringComparison.Ordinal);
    }

    [Fact]
    public void The_changelog_has_notes_for_this_version_and_a_version_without_notes_is_refused()
    {
        var (code, notes) = Run(Repository.PathOf(".github", "release-notes"), Version);
        Assert.Equal(0, code);
        Assert.True(notes.Length > 100);
        Assert.DoesNotContain("\n## ", $"\n{notes}", StringComparison.Ordinal);

        // A dot is no wildcard, and a part of a version no version.
        Assert.Equal(1, Run(Repository.PathOf(".github", "release-notes"), "9.9.9").Code);
        Assert.Equal(1, Run(Repository.PathOf(".github", "release-notes"), Version.Replace('.', '0')).Code);
        Assert.Equal(1, Run(Repository.PathOf(".github", "release-notes"), Version[..^2]).Code);
    }

    [Fact]
    public void The_image_and_the_manifests_have_the_version_of_the_build()
    {
        var image = File.ReadAllText(Repository.PathOf("Dockerfile"));
        var overlay = File.ReadAllText(Repository.PathOf("deploy", "kubernetes", "overlays", "example", "kustomization.yaml"));

        Assert.All(VersionArgument().Matches(image), argument => Assert.Equal(Version, argument.Groups["version"].Value));
        Assert.Contains($"newTag: {Version}\n", overlay, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("title")]
    [InlineData("description")]
    [InlineData("version")]
    [InlineData("revision")]
    [InlineData("created")]
    [InlineData("source")]
    [InlineData("url")]
    [InlineData("documentation")]
    [InlineData("vendor")]
    [InlineData("licenses")]
    [InlineData("base.name")]
    public void Both_images_have_the_label(string label)
    {
        var stages = Stages().Split(File.ReadAllText(Repository.PathOf("Dockerfile")));

        Assert.All((string[])["AS simulator\n", "AS gateway\n"], image => Assert.Contains(
            stages, stage => (stage.Contains("AS base\n", StringComparison.Ordinal) || stage.Contains(image, StringComparison.Ordinal)) && stage.Contains($"org.opencontainers.image.{label}=", StringComparison.Ordinal)));
    }

    [Fact]
    public void Everything_that_is_pinned_is_raised_by_Dependabot()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Repository.PathOf(".github", "dependabot.yml"))));
        var updates = ((YamlSequenceNode)yaml.Documents.Single().RootNode["updates"]).ToDictionary(update => update["package-ecosystem"].ToString());

        Assert.Equal(["docker", "github-actions", "npm", "nuget"], updates.Keys.Order());
        Assert.All(updates.Values, update => Assert.Equal("weekly", update["schedule"]["interval"].ToString()));
        Assert.Equal(
            Directory.GetFiles(Repository.PathOf(".ci"), "package.json", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System })
                .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
                .Select(file => $"/{Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!)}").Order(StringComparer.Ordinal),
            ((YamlSequenceNode)updates["npm"]["directories"]).Select(directory => directory.ToString()));
    }

    [Theory]
    [InlineData("no data", 0)]
    [InlineData("unavailable", 0)]
    [InlineData("vulnerable", 1)]
    public async Task A_restore_asks_the_registry_for_vulnerabilities_A_known_one_fails_it_and_a_registry_that_cannot_say_does_not(string answer, int expected)
    {
        using var project = new TemporaryFiles();
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props"])
            File.Copy(Repository.PathOf(file), project.PathOf(file));

        project.Write("Project.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
        await using var registry = new ScriptedUpstream();
        registry.ThenAlways(request => Answer(request.RequestLine.Split(' ')[1], registry.Address, answer));
        project.Write("NuGet.config", $"""
            <configuration>
              <packageSources><clear/><add key="test" value="{registry.Address}index.json" allowInsecureConnections="true"/></packageSources>
              <auditSources><clear/></auditSources>
            </configuration>
            """);

        // The only package is one that the build of these tests has restored already.
        var (code, output) = Run("dotnet", ["restore", project.PathOf("Project.csproj")], new() { ["NUGET_HTTP_CACHE_PATH"] = project.PathOf("cache") });

        Assert.True(code == expected, output);
        Assert.Contains(registry.Received, request => request.RequestLine.Contains("/index.json ", StringComparison.Ordinal));
        if (expected != 0)
            Assert.Contains("NU1903", output, StringComparison.Ordinal);
    }

    private static string Answer(string path, Uri registry, string answer)
    {
        var body = (path, answer) switch
        {
            ("/index.json", "no data") => """{"version":"3.0.0","resources":[{"@id":"ADDRESSflat/","@type":"PackageBaseAddress/3.0.0"}]}""",
            ("/index.json", _) => """{"version":"3.0.0","resources":[{"@id":"ADDRESSflat/","@type":"PackageBaseAddress/3.0.0"},{"@id":"ADDRESSvulnerabilities.json","@type":"VulnerabilityInfo/6.7.0"}]}""",
            ("/vulnerabilities.json", "vulnerable") => """[{"@name":"base","@id":"ADDRESSbase.json","@updated":"2026-01-01T00:00:00Z"}]""",
            ("/base.json", _) => """{"meziantou.analyzer":[{"url":"https://example.com/advisory","severity":2,"versions":"[0.0.0, )"}]}""",
            _ => null,
        };
        body = body?.Replace("ADDRESS", registry.AbsoluteUri, StringComparison.Ordinal);
        return body is null ? "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n" : $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
    }

    private static string PathOf(string workflow) => Repository.PathOf(".github", "workflows", workflow);

    private static YamlMappingNode Read(string workflow)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(PathOf(workflow))));
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static IEnumerable<string> Triggers(string workflow) => ((YamlMappingNode)Read(workflow)["on"]).Children.Keys.Select(trigger => trigger.ToString());

    private static IEnumerable<(string Name, YamlMappingNode Job)> Jobs(string workflow) =>
        ((YamlMappingNode)Read(workflow)["jobs"]).Children.Select(job => (job.Key.ToString(), (YamlMappingNode)job.Value));

    /// <summary>The jobs of a workflow and of those that it calls.</summary>
    private static IEnumerable<(string Workflow, YamlMappingNode Job)> JobsWithCalled(string workflow) => Jobs(workflow).SelectMany(job =>
        job.Job.Children.TryGetValue("uses", out var called)
            ? JobsWithCalled(Path.GetFileName(called.ToString())).Prepend((workflow, job.Job))
            : [(workflow, job.Job)]);

    private static IEnumerable<string> Writes(YamlMappingNode job) => job.Children.TryGetValue("permissions", out var permissions)
        ? ((YamlMappingNode)permissions).Children.Where(permission => permission.Value.ToString() == "write").Select(permission => permission.Key.ToString())
        : [];

    private static (int Code, string Output) Run(string program, params string[] arguments) => Run(program, arguments, []);

    private static (int Code, string Output) Run(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, $"{output}{errors.Result}");
    }

    [GeneratedRegex(@"^uses: (\./\.github/workflows/[a-z]+\.yml|[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pinned();

    [GeneratedRegex(@"^ARG VERSION=(?<version>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionArgument();

    [GeneratedRegex(@"^(?=FROM )", RegexOptions.Multiline, 1000)]
    private static partial Regex Stages();
}
