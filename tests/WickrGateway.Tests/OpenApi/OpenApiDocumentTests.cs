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
        var served = $"{await ServedAsync(WithTokens())}\n";

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
    public async Task Version_Is_one_that_the_validators_of_JavaScript_read()
    {
        var document = JsonNode.Parse(await ServedAsync(WithTokens()))!;

        // swagger-parser and what is built on it refuse 3.1.2.
        Assert.Equal("3.1.1", (string?)document["openapi"]);
    }

    [Fact]
    public async Task Patterns_Mean_the_same_in_every_language()
    {
        var patterns = (await NodesAsync()).Where(node => node.Name == "pattern").Select(node => (string)node.Value!).ToList();

        Assert.NotEmpty(patterns);
        // \p needs a flag in JavaScript and does not exist in Python's re; \d, \w and \s depend on the engine; Go has no look-around.
        Assert.All(patterns, pattern => Assert.DoesNotMatch(@"\\[pPdDwWsSuU]|\(\?", pattern));
    }

    [Theory]
    [InlineData("type", "urn:wickr-gateway:invalid-request", "urn:wickr-gateway:wickr-rejected", "urn:wickr-gateway:internal", "urn:wickr-gateway:audit-unavailable")]
    [InlineData("outcome", "not-applied", "unknown")]
    public async Task Values_that_may_grow_Are_in_the_description_and_not_an_enum(string property, params string[] values)
    {
        var schema = JsonNode.Parse(await ServedAsync(WithTokens()))!["components"]!["schemas"]!["Problem"]!["properties"]![property]!.AsObject();

        Assert.Equal("string", (string?)schema["type"]);
        Assert.False(schema.ContainsKey("enum"));
        Assert.All(values, value => Assert.Contains($"`{value}`", (string)schema["description"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Type_of_every_documented_problem_Is_in_its_description()
    {
        var document = JsonNode.Parse(await ServedAsync(WithTokens()))!;
        var description = (string)document["components"]!["schemas"]!["Problem"]!["properties"]!["type"]!["description"]!;

        Assert.All(
            Nodes(document, "").Where(node => node.Name == "type").Select(node => node.Value).OfType<JsonValue>().Select(value => value.ToString()).Where(value => value.StartsWith("urn:", StringComparison.Ordinal)),
            type => Assert.Contains($"`{type}`", description, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nullable_fields_Name_null_last()
    {
        var types = (await NodesAsync()).Where(node => node is { Name: "type", Value: JsonArray }).Select(node => node.Value!.ToJsonString()).ToList();

        Assert.NotEmpty(types);
        // orval's zod schemas throw when null is first.
        Assert.All(types, type => Assert.Equal("""["string","null"]""", type));
    }

    [Fact]
    public async Task Objects_with_fields_Are_named_components()
    {
        var nodes = (await NodesAsync()).Where(node => node is { Name: "properties", Value: JsonObject }).ToList();

        Assert.NotEmpty(nodes);
        Assert.All(nodes, node => Assert.Matches("^/components/schemas/[A-Za-z]+/properties$", node.Path));
    }

    [Fact]
    public async Task Headers_and_parameters_Have_an_example_that_matches_their_schema()
    {
        var document = JsonNode.Parse(await ServedAsync(WithTokens()))!;
        var headers = document["components"]!["headers"]!.AsObject().Select(header => (Name: header.Key, Value: header.Value!));
        var parameters = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).SelectMany(operation => operation.Value!["parameters"]?.AsArray() ?? []).Select(parameter => (Name: (string)parameter!["name"]!, Value: parameter));
        var all = headers.Concat(parameters).ToList();

        Assert.Contains(all, item => item.Name == "X-Content-Type-Options");
        Assert.Contains(all, item => item.Name == "X-Request-Timeout");
        Assert.All(all, item =>
        {
            Assert.True(item.Value["example"] is not null, $"{item.Name} has no example");
            Assert.Empty(Contract.Errors(item.Value["schema"]!, item.Value["example"]!.ToJsonString()));
        });
    }

    [Fact]
    public async Task Reason_Is_a_field_of_the_request_whose_rule_is_in_words()
    {
        var document = JsonNode.Parse(await ServedAsync(WithTokens()))!;
        var reason = document["components"]!["schemas"]!["SuspendStatusRequest"]!["properties"]!["reason"]!.AsObject();

        Assert.Equal("""["string","null"]""", reason["type"]!.ToJsonString());
        Assert.Equal((1, 200), ((int)reason["minLength"]!, (int)reason["maxLength"]!));
        Assert.False(reason.ContainsKey("pattern"));
        Assert.NotEmpty(reason["examples"]!.AsArray());
        Assert.DoesNotContain("X-Audit-Reason", document.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Json)]
    [InlineData("/swagger/v1/swagger.yaml")]
    public async Task Tokens_are_off_Document_does_not_mention_them(string path)
    {
        var document = await ServedAsync([], path);

        // What is left of the 401's detail says that tokens are not accepted.
        Assert.DoesNotContain("bearer", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("JSON Web Token", document, StringComparison.Ordinal);
        Assert.DoesNotContain("jwt", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("subject", document, StringComparison.Ordinal);
        Assert.Contains("X-Api-Key", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_on_Document_says_that_either_credential_is_enough()
    {
        var document = JsonNode.Parse(await ServedAsync(WithTokens()))!;

        Assert.Equal("""[{"apiKey":[]},{"bearer":[]}]""", document["paths"]![Contract.Path]!["post"]!["security"]!.ToJsonString());
        Assert.Equal(["apiKey", "bearer"], document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key), StringComparer.Ordinal);
        Assert.Contains("JSON Web Token", (string)document["info"]!["description"]!, StringComparison.Ordinal);
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
            "method-not-allowed 405", "not-found 404", "overloaded 503",
            "protected-user 403", "suspend-limit 403", "too-many-requests 429", "unauthenticated 401",
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
        (string Status, string Example)[] early = [("401", "unauthenticated-missing"), ("401", "unauthenticated-api-key"), ("401", "unauthenticated-token"), ("403", "forbidden-network"), ("403", "forbidden-subject"), ("429", "too-many-requests-address"), ("429", "too-many-requests-caller")];

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
        var operations = Contract.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!).ToList();
        var contents = operations.SelectMany(operation => operation["responses"]!.AsObject()).Select(response => response.Value!["content"]!)
            .Concat(operations.Select(operation => operation["requestBody"]?["content"]).OfType<JsonNode>());
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

    private static async Task<string> ServedAsync(Dictionary<string, string?> settings, string path = Json)
    {
        await using var gateway = GatewayHost.Start(Nowhere, settings);
        using var client = gateway.Client(apiKey: null);
        return await client.GetStringAsync(path);
    }

    private static Dictionary<string, string?> WithTokens() => new(StringComparer.Ordinal)
    {
        ["Authentication:Schemes:Bearer:Authority"] = "https://login.example.com",
        ["Authentication:Schemes:Bearer:ValidAudiences:0"] = "wickr-gateway",
    };

    private static async Task<IReadOnlyList<Node>> NodesAsync() => [.. Nodes(JsonNode.Parse(await ServedAsync(WithTokens())), "")];

    private static IEnumerable<Node> Nodes(JsonNode? parent, string path)
    {
        var children = parent switch
        {
            JsonObject fields => fields.Select(field => new Node(field.Key, $"{path}/{field.Key}", field.Value)),
            JsonArray items => items.Select((item, index) => new Node($"{index}", $"{path}/{index}", item)),
            _ => [],
        };
        return children.SelectMany(child => Nodes(child.Value, child.Path).Prepend(child));
    }

    private sealed record Node(string Name, string Path, JsonNode? Value);

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WickrGateway.sln")))
            folder = folder.Parent!;

        return folder.FullName;
    }
}
