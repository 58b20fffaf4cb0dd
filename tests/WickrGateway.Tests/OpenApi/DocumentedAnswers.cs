using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace WickrGateway.Tests.OpenApi;

/// <summary>Fails whatever test gets an answer that the OpenAPI document does not have: its status, headers, body, or type of problem.</summary>
internal sealed partial class DocumentedAnswers : DelegatingHandler
{
    /// <summary>What HTTP itself has with every answer.</summary>
    private static readonly HashSet<string> OfHttp = new(["Connection", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Transfer-Encoding"], StringComparer.OrdinalIgnoreCase);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (!OperationPath().IsMatch(request.RequestUri!.AbsolutePath) || request.Method == HttpMethod.Head)
            return answer;

        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var faults = Faults(answer, await answer.Content.ReadAsStringAsync(cancellationToken)).ToList();
        Assert.True(faults.Count == 0, $"{request.Method} {request.RequestUri.AbsolutePath}: the answer {(int)answer.StatusCode} is not as src/WickrGateway/openapi.json has it: {string.Join("; ", faults)}");
        return answer;
    }

    public static IEnumerable<string> Faults(HttpResponseMessage answer, string body)
    {
        var status = (int)answer.StatusCode;
        if (Contract.Operation["responses"]![$"{status}"] is not { } response)
            return [$"status {status} is not documented"];

        var headers = HeaderFaults(answer, response["headers"]?.AsObject() ?? []);
        return status == 200 ? headers.Concat(SchemaFaults(response, "application/json", body, closed: false)) : headers.Concat(ProblemFaults(answer, response, body));
    }

    private static IEnumerable<string> HeaderFaults(HttpResponseMessage answer, JsonObject documented)
    {
        var sent = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        foreach (var name in sent.Keys.Where(name => !OfHttp.Contains(name) && !documented.ContainsKey(name)))
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

            foreach (var fault in Contract.Faults(header["schema"]!, (string?)header["schema"]!["type"] == "integer" ? value : JsonValue.Create(value).ToJsonString()))
                yield return $"header {name}: {fault}";
        }
    }

    private static List<string> ProblemFaults(HttpResponseMessage answer, JsonNode response, string body)
    {
        const string MediaType = "application/problem+json";
        if (answer.Content.Headers.ContentType?.ToString() != MediaType)
            return [$"the media type is {answer.Content.Headers.ContentType}"];

        var faults = SchemaFaults(response, MediaType, body, closed: true).ToList();
        if (faults.Count > 0)
            return faults;

        var problem = JsonNode.Parse(body)!;
        var type = (string)problem["type"]!;
        var examples = response["content"]![MediaType]!["examples"]!.AsObject().Select(example => example.Value!["value"]!).Where(example => (string?)example["type"] == type).ToList();
        if (examples.Count == 0)
            return [$"{type} is not documented for this status"];

        if ((int)problem["status"]! != (int)answer.StatusCode)
            return ["status differs between the line and the body"];

        return (string?)examples[0]["title"] == (string?)problem["title"] ? [] : [$"the title of {type} is “{examples[0]["title"]}” in the document, “{problem["title"]}” in the answer"];
    }

    private static IEnumerable<string> SchemaFaults(JsonNode response, string mediaType, string body, bool closed) =>
        Contract.Faults(response["content"]![mediaType]!["schema"]!, body, closed);

    [GeneratedRegex("^(/[a-z]+)?/networks/[^/]*/users/suspend-status$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OperationPath();
}
