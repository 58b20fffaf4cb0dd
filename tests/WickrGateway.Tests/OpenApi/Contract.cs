using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace WickrGateway.Tests.OpenApi;

/// <summary>The OpenAPI document of the repository, as client generators read it.</summary>
internal static class Contract
{
    public const string Path = "/networks/{networkId}/users/suspend-status";

    private const string Pointer = "#/components/";

    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new(StringComparer.Ordinal);

    public static JsonNode Document { get; } = Load();

    /// <summary>As text, so that no two threads write it at once.</summary>
    private static readonly string Definitions = Document["components"]!["schemas"]!.ToJsonString().Replace($"{Pointer}schemas/", "#/definitions/", StringComparison.Ordinal);

    public static JsonNode Operation => Document["paths"]![Path]!["post"]!;

    public static JsonNode Parameter(string name) => Operation["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == name)!;

    /// <summary>The violations of the schema with their location.</summary>
    /// <param name="closed">Also reports fields that the schema does not name.</param>
    public static IReadOnlyList<string> Errors(JsonNode schema, string json, bool closed = false)
    {
        var validator = Schemas.GetOrAdd($"{closed} {schema.ToJsonString()}", _ => Compile(schema, closed));
        return [.. validator.Validate(json).Select(error => $"{error.Kind} at {error.Path}")];
    }

    public static JsonNode Resolve(JsonNode node)
    {
        while (node is JsonObject && (string?)node["$ref"] is { } reference)
            node = reference[2..].Split('/').Aggregate(Document, (parent, name) => parent[name]!);

        return node;
    }

    /// <summary>The violations of a schema of the document.</summary>
    public static IReadOnlyList<string> ErrorsOf(string component, string json) => Errors(Document["components"]!["schemas"]![component]!, json);

    private static JsonNode Load()
    {
        var document = JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "openapi.json")))!;
        ReadWhole(document);
        return document;
    }

    /// <summary>A node reads its text when it is first used, which threads must not do at once.</summary>
    private static void ReadWhole(JsonNode? node)
    {
        IEnumerable<JsonNode?> children = node switch { JsonObject fields => fields.Select(field => field.Value), JsonArray items => items, _ => [] };
        foreach (var child in children)
            ReadWhole(child);
    }

    private static JsonSchema Compile(JsonNode schema, bool closed)
    {
        // The validator needs the definitions inside the schema, and reads patterns as .NET does, where $ also matches before a final newline;
        // in ECMAScript, which JSON Schema uses, it does not.
        // It does not find a definition that the root refers to and another definition too, so the root is resolved.
        var text = Resolve(schema).ToJsonString().Replace($"{Pointer}schemas/", "#/definitions/", StringComparison.Ordinal);
        var whole = JsonNode.Parse(text)!.AsObject();
        whole["definitions"] = JsonNode.Parse(Definitions);
        Rewrite(whole, closed);
        return JsonSchema.FromJsonAsync(whole.ToJsonString()).GetAwaiter().GetResult();
    }

    private static void Rewrite(JsonNode? node, bool closed)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Rewrite(item, closed);
        }

        if (node is not JsonObject schema)
            return;

        if (schema["pattern"] is JsonValue pattern && pattern.GetValue<string>() is var expression && expression.EndsWith('$'))
            schema["pattern"] = $"{expression[..^1]}\\z";

        if (closed && schema["properties"] is JsonObject && !schema.ContainsKey("additionalProperties"))
            schema["additionalProperties"] = false;

        foreach (var (_, child) in schema.ToList())
            Rewrite(child, closed);
    }
}
