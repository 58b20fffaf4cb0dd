using System.Text.Json;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.Deploy;

/// <summary>The documents' links lead somewhere, and their tables match the files they describe.</summary>
public sealed partial class DocumentsTests
{
    private const int MaxReadmeLines = 250;

    private static readonly string[] Generated = ["bin", "obj", "node_modules", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".git"];

    [Fact]
    public void Every_relative_link_and_anchor_of_every_document_exists()
    {
        var documents = Documents();
        var links = documents.SelectMany(document => Links(document).Select(link => (Document: document, Link: link))).ToList();

        Assert.True(documents.Count >= 6);
        Assert.True(links.Count > 40);
        Assert.Equal([], links.Where(link => !Exists(link.Document, link.Link)).Select(link => $"{Path.GetRelativePath(Repository.Root, link.Document)}: {link.Link}"));
    }

    [Fact]
    public void The_README_stays_short_and_leads_to_every_other_README()
    {
        var readme = Repository.PathOf("README.md");
        var targets = Links(readme).Select(link => Path.GetFullPath(Path.Combine(Repository.Root, link.Split('#')[0]))).ToHashSet();

        Assert.InRange(File.ReadAllLines(readme).Length, 1, MaxReadmeLines);
        Assert.Equal([], Documents().Where(document => document != readme && Path.GetFileName(document) == "README.md" && !targets.Contains(document)));
    }

    [Fact]
    public void The_configuration_reference_has_every_key_of_the_settings_file_with_its_default()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("appsettings.json")));
        var reference = File.ReadAllText(Repository.PathOf("src", "WickrGateway", "README.md"));
        var documented = KeyRow().Matches(reference).ToDictionary(row => row.Groups["key"].Value, row => row.Groups["default"].Value.Trim('`'), StringComparer.Ordinal);

        Assert.All(Values(settings.RootElement, ""), setting =>
        {
            Assert.Contains(setting.Key, documented.Keys);
            if (setting.Default.Length > 0)
                Assert.Equal(setting.Default, documented[setting.Key]);
        });
    }

    [Fact]
    public void The_README_lists_every_problem_of_the_API()
    {
        using var api = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("src", "WickrGateway", "openapi.json")));
        const string Prefix = "urn:wickr-gateway:";
        var problems = ProblemUrn().Matches(api.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetRawText())
            .Select(type => type.Value[Prefix.Length..]).ToHashSet();
        var documented = ProblemRow().Matches(File.ReadAllText(Repository.PathOf("README.md")))
            .SelectMany(row => row.Groups["types"].Value.Split(", ")).Select(type => type.Trim('`'));

        Assert.NotEmpty(problems);
        Assert.Equal(problems.Order(), documented.Order());
    }

    private static List<string> Documents() =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(Generated.Contains)),
    ];

    /// <summary>Links within the repository, and to a heading of the same document.</summary>
    private static IEnumerable<string> Links(string document) =>
        Link().Matches(Text(document)).Select(link => link.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal) && !IsRoute(target));

    /// <summary>The page's own routes in the introduction of the OpenAPI document.</summary>
    private static bool IsRoute(string target) => target.StartsWith("#/", StringComparison.Ordinal);

    private static bool Exists(string document, string link)
    {
        var parts = link.Split('#', 2);
        var file = parts[0].Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, parts[0]));
        return parts.Length == 1 ? Path.Exists(file) : File.Exists(file) && Anchors(file).Contains(parts[1]);
    }

    /// <summary>As GitHub makes them of headings, and those that HTML in the document sets itself.</summary>
    internal static HashSet<string> Anchors(string document) =>
    [
        .. Heading().Matches(Text(document)).Select(heading => NotInAnchors().Replace(heading.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
        .. Id().Matches(Text(document)).Select(id => id.Groups["id"].Value),
    ];

    /// <summary>Without code blocks: their comments are not headings, and what looks like a link there is none.</summary>
    private static string Text(string document) => CodeBlock().Replace(File.ReadAllText(document), "");

    private static IEnumerable<(string Key, string Default)> Values(JsonElement value, string key) => value.ValueKind switch
    {
        // What maps names to callers has no default; its keys have rows of their own.
        JsonValueKind.Object when key is "Auth:Callers" or "Serilog:MinimumLevel" => [],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(child => Values(child.Value, key.Length == 0 ? child.Name : $"{key}:{child.Name}")),
        JsonValueKind.Array => [($"{key}:0", "")],
        JsonValueKind.Null => [(key, "")],
        JsonValueKind.String => [(key, value.GetString()!)],
        _ => [(key, value.GetRawText())],
    };

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, 1000)]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"<a id=""(?<id>[^""]+)"">", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^\| `(?<key>[A-Za-z0-9:{}*]+)`[^|]*\| [^|]*\| (?<default>[^|]+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyRow();

    [GeneratedRegex(@"urn:wickr-gateway:[a-z-]+", RegexOptions.None, 1000)]
    private static partial Regex ProblemUrn();

    [GeneratedRegex(@"^\| (?<types>`[a-z-]+`(, `[a-z-]+`)*) \| \d{3}", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProblemRow();
}
