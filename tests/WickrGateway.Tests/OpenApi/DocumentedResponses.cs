using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.OpenApi;

/// <summary>Fails any test that gets a response whose status, headers, body or problem type is not in the OpenAPI document.</summary>
internal sealed partial class DocumentedResponses : DelegatingHandler
{
    /// <summary>Their schemas are checked where they are read.</summary>
    private const string Lines = "application/x-ndjson";

    /// <summary>Headers of HTTP itself, and for proxies, which the document does not list.</summary>
    private static readonly HashSet<string> HttpHeaders = new(["Connection", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Transfer-Encoding", "X-Accel-Buffering"], StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (OperationOf(request.RequestUri!.AbsolutePath) is not { } operation || request.Method == HttpMethod.Head)
            return response;

        if (response.Content.Headers.ContentType?.MediaType == Lines)
        {
            // It is still being written.
            var headerErrors = HeaderErrors(response, operation["responses"]!["200"]!["headers"]!.AsObject()).ToList();
            Assert.True(headerErrors.Count == 0, string.Join("; ", headerErrors));
            return response;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var errors = Errors(operation, response, await response.Content.ReadAsStringAsync(cancellationToken)).ToList();
        Assert.True(errors.Count == 0, $"{request.Method} {request.RequestUri.AbsolutePath}: the response {(int)response.StatusCode} does not match src/WickrGateway/openapi.json: {string.Join("; ", errors)}");
        return response;
    }

    public static IEnumerable<string> Errors(HttpResponseMessage response, string body) => Errors(Contract.Operation, response, body);

    private static IEnumerable<string> Errors(JsonNode operation, HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        if (operation["responses"]![$"{status}"] is not { } documented)
            return [$"status {status} is not documented"];

        var headers = HeaderErrors(response, documented["headers"]?.AsObject() ?? []);
        return status == 200 ? headers.Concat(SchemaErrors(documented, "application/json", body, closed: false)) : headers.Concat(ProblemErrors(response, documented, body));
    }

    private static IEnumerable<string> HeaderErrors(HttpResponseMessage response, JsonObject documented)
    {
        var sent = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        foreach (var name in sent.Keys.Where(name => !HttpHeaders.Contains(name) && !documented.ContainsKey(name)))
            yield return $"header {name} is not documented";

        foreach (var (name, reference) in documented)
        {
            var header = Contract.Resolve(reference!);
            if (!sent.TryGetValue(name, out var value))
            {
                if ((bool?)header["required"] == true)
                    yield return $"header {name} is missing";

                continue;
            }

            foreach (var error in Contract.Errors(header["schema"]!, (string?)header["schema"]!["type"] == "integer" ? value : JsonValue.Create(value).ToJsonString()))
                yield return $"header {name}: {error}";
        }
    }

    private static List<string> ProblemErrors(HttpResponseMessage response, JsonNode documented, string body)
    {
        const string MediaType = "application/problem+json";
        if (response.Content.Headers.ContentType?.ToString() != MediaType)
            return [$"the media type is {response.Content.Headers.ContentType}"];

        var errors = SchemaErrors(documented, MediaType, body, closed: true).ToList();
        if (errors.Count > 0)
            return errors;

        var problem = JsonNode.Parse(body)!;
        var type = (string)problem["type"]!;
        var examples = documented["content"]![MediaType]!["examples"]!.AsObject().Select(example => example.Value!["value"]!).Where(example => (string?)example["type"] == type).ToList();
        if (examples.Count == 0)
            return [$"{type} is not documented for this status"];

        if ((int)problem["status"]! != (int)response.StatusCode)
            return ["status differs between the line and the body"];

        return (string?)examples[0]["title"] == (string?)problem["title"] ? [] : [$"the title of {type} is “{examples[0]["title"]}” in the document, “{problem["title"]}” in the response"];
    }

    private static IEnumerable<string> SchemaErrors(JsonNode documented, string mediaType, string body, bool closed) =>
        Contract.Errors(documented["content"]![mediaType]!["schema"]!, body, closed);

    private static JsonNode? OperationOf(string path) =>
        ChangePath().Match(path) is { Success: true } change ? Contract.Document["paths"]![$"{Contract.Path}{change.Groups["kind"].Value}"]!["post"]
        : path == "/whoami" ? Contract.Document["paths"]!["/whoami"]!["get"]
        : null;

    [GeneratedRegex("^(/[a-z]+)?/networks/[^/]*/users/suspend-status(?<kind>/dry-run|/bulk)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ChangePath();
}
