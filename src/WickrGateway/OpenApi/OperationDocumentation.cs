using Microsoft.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>What the document says about an operation on a network beyond what all of them share.</summary>
/// <param name="Parameters">Beside the network id.</param>
/// <param name="Request">The body of a request.</param>
/// <param name="Result">The body of the 200.</param>
/// <param name="Schemas">The schemas that the two refer to, and their own, by name. They refer to each other through the document.</param>
internal sealed record OperationDocumentation(
    IReadOnlyList<OpenApiParameter> Parameters, DocumentedBody Request, DocumentedBody Result, Func<OpenApiDocument, IReadOnlyDictionary<string, IOpenApiSchema>> Schemas);

/// <param name="Schema">The name of a component.</param>
internal sealed record DocumentedBody(string Description, string Schema, IReadOnlyDictionary<string, IOpenApiExample> Examples);

/// <summary>Metadata of an endpoint: its documentation, made when a document is first requested.</summary>
/// <param name="Operation">The operation of Wickr's API that it calls.</param>
internal sealed record DocumentedOperation(WickrOperation Operation, Func<OperationDocumentation> Create);
