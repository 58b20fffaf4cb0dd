using System.Net;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;
using YamlDotNet.Serialization;

namespace WickrGateway.Tests.OpenApi;

public sealed class OpenApiDocumentTests
{
    private const string Json = "/swagger/v1/swagger.json";

    private static readonly Uri Nowhere = new("http://127.0.0.1:9");

    [Fact]
    public async Task The_served_document_is_the_reviewed_file()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        using var client = gateway.Client(apiKey: null);

        var served = $"{await client.GetStringAsync(Json)}\n";

        var file = Path.Combine(RepositoryRoot(), "src", "WickrGateway", "openapi.json");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(file, served);

        Assert.True(
            served == await File.ReadAllTextAsync(file),
            "The document has changed. If that is meant, rewrite the file and review the difference: UPDATE_OPENAPI=1 dotnet run --project tests/WickrGateway.Tests -- -method '*The_served_document_is_the_reviewed_file'");
    }

    [Fact]
    public async Task Document_is_parsed_Is_OpenAPI_3_1_without_errors_and_warnings()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        using var client = gateway.Client(apiKey: null);

        var read = OpenApiDocument.Parse(await client.GetStringAsync(Json), "json");

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
    }

    [Fact]
    public async Task YAML_document_Equals_the_JSON_document()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        using var client = gateway.Client(apiKey: null);
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(await client.GetStringAsync("/swagger/v1/swagger.yaml"))!;

        var said = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml));
        var meant = JsonNode.Parse(await client.GetStringAsync(Json));
        Assert.True(JsonNode.DeepEquals(meant, said));
    }

    [Fact]
    public async Task Document_settings_Appear_in_the_document()
    {
        await using var gateway = GatewayHost.Start(Nowhere, new(StringComparer.Ordinal)
        {
            ["OpenApi:Servers:0"] = "https://wickr.example.com/gateway",
            ["Wickr:TotalTimeout"] = "00:00:30",
        });
        using var client = gateway.Client(apiKey: null);

        var document = JsonNode.Parse(await client.GetStringAsync(Json))!;

        Assert.Equal("""[{"url":"https://wickr.example.com/gateway"}]""", document["servers"]!.ToJsonString());
        Assert.Equal(30, (int)document["paths"]![Contract.Path]!["post"]!["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == "X-Request-Timeout")!["schema"]!["maximum"]!);
    }

    [Theory]
    [InlineData("OpenApi:Servers:0", "/relative")]
    [InlineData("OpenApi:SwaggerUi", "yes")]
    [InlineData("PathBase", "wickr")]
    [InlineData("PathBase", "/wickr/")]
    [InlineData("PathBase", "/a/../b")]
    public void Invalid_setting_Ends_the_start_with_its_key(string key, string value)
    {
        var errors = Assert.Throws<SettingsException>(() => GatewayApp.Create(["--Wickr:Region=us-east-1", $"--{key}={value}"])).Errors;

        Assert.Contains(errors, error => error.StartsWith($"{key}: must be", StringComparison.Ordinal));
    }

    [Fact]
    public void Problems_of_the_contract_Are_documented_with_their_statuses()
    {
        var documented = Contract.Operation["responses"]!.AsObject()
            .Where(response => response.Key != "200")
            .SelectMany(
                response => response.Value!["content"]!["application/problem+json"]!["examples"]!.AsObject(),
                (response, example) => $"{((string)example.Value!["value"]!["type"]!).Split(':')[^1]} {response.Key}")
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        string[] promised =
        [
            "audit-unavailable 503", "forbidden 403", "internal 500",
            "invalid-request 400", "invalid-request 408", "invalid-request 413", "invalid-request 415",
            "method-not-allowed 405", "not-found 404", "overloaded 503", "too-many-requests 429", "unauthenticated 401",
            "wickr-circuit-open 503", "wickr-denied 502", "wickr-failed 502",
            "wickr-rejected 400", "wickr-rejected 404", "wickr-rejected 422",
            "wickr-throttled 429", "wickr-timeout 504", "wickr-unreachable 502",
        ];
        Assert.Equal(promised, documented, StringComparer.Ordinal);
    }

    [Fact]
    public void Problems_before_validation_Are_documented_without_outcome_and_clientToken()
    {
        var responses = Contract.Operation["responses"]!;
        (string Status, string Example)[] early = [("401", "unauthenticated-missing"), ("401", "unauthenticated-invalid"), ("403", "forbidden-network"), ("403", "forbidden-subject"), ("429", "too-many-requests-address"), ("429", "too-many-requests-caller")];

        foreach (var (status, example) in early)
        {
            var value = responses[status]!["content"]!["application/problem+json"]!["examples"]![example]!["value"]!.AsObject();
            Assert.False(value.ContainsKey("outcome"), example);
            Assert.False(value.ContainsKey("clientToken"), example);
        }
    }

    [Fact]
    public void Examples_Match_their_schema()
    {
        var contents = Contract.Operation["responses"]!.AsObject().Select(response => response.Value!["content"]!).Append(Contract.Operation["requestBody"]!["content"]!);
        foreach (var media in contents.Select(content => content.AsObject().Single().Value!))
        {
            foreach (var (name, example) in media["examples"]!.AsObject())
            {
                var errors = Contract.Errors(media["schema"]!, example!["value"]!.ToJsonString(), closed: true);
                Assert.True(errors.Count == 0, $"{name}: {string.Join("; ", errors)}");
            }
        }
    }

    [Fact]
    public void Documented_security_Requires_one_of_the_two_credentials()
    {
        Assert.Equal("""[{"apiKey":[]},{"bearer":[]}]""", Contract.Operation["security"]!.ToJsonString());
        Assert.Equal(["apiKey", "http"], Contract.Document["components"]!["securitySchemes"]!.AsObject().Select(scheme => (string)scheme.Value!["type"]!), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Unknown_document_Returns_404()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        using var client = gateway.Client(apiKey: null);

        using var response = await client.GetAsync("/swagger/v2/swagger.json");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("urn:wickr-gateway:not-found", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WickrGateway.sln")))
            folder = folder.Parent!;

        return folder.FullName;
    }
}
