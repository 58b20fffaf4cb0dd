using Microsoft.OpenApi;

namespace WickrGateway.OpenApi;

/// <summary>What the document says about an operation beyond what all of them share.</summary>
/// <param name="Request">The body of a request; null for none.</param>
/// <param name="Result">The body of the 200.</param>
/// <param name="Schemas">The schemas that the two refer to, and their own, by name. They refer to each other through the document.</param>
internal sealed record OperationDocumentation(
    IReadOnlyList<OpenApiParameter> Parameters, DocumentedBody? Request, DocumentedResult Result, Func<OpenApiDocument, IReadOnlyDictionary<string, IOpenApiSchema>> Schemas)
{
    /// <summary>By its key (<see cref="ProblemExample.Key"/>), whether the operation can end with a problem.</summary>
    public Func<string, bool> HasProblem { get; init; } = static _ => true;
}

/// <param name="Schema">The name of a component.</param>
internal sealed record DocumentedBody(string Description, string Schema, IReadOnlyDictionary<string, IOpenApiExample> Examples);

/// <param name="Headers">Beside those that every response to a caller has.</param>
internal sealed record DocumentedResult(DocumentedBody Body, params string[] Headers)
{
    public string MediaType { get; init; } = "application/json";
}

/// <summary>Metadata of an endpoint: its documentation, made when a document is first requested.</summary>
internal sealed record DocumentedOperation(Func<OperationDocumentation> Create);
