using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using WickrGateway.Callers;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>Completes the operations that have a <see cref="DocumentedOperation"/>, and no others. Summary and description come from the route.</summary>
internal sealed class NetworkOperationFilter(BearerOptions bearer) : IOperationFilter, IDocumentFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (DocumentedOperationOf(context.ApiDescription) is not { } documented)
            return;

        var documentation = documented.Create();
        operation.Description += $"\n\n**At Wickr** this is {documented.Operation.Name}: `{documented.Operation.Method} {documented.Operation.PathTemplate}`.";
        var document = context.Document;
        operation.Parameters = [NetworkId(), .. documentation.Parameters];
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = documentation.Request.Description,
            Required = true,
            Content = Content("application/json", documentation.Request.Schema, document, documentation.Request.Examples),
        };
        operation.Responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse
            {
                Description = documentation.Result.Description,
                Headers = GatewayHeaders.Of(document, GatewayHeaders.ClientToken, GatewayHeaders.RequestId, GatewayHeaders.RateLimit, GatewayHeaders.RateLimitPolicy, GatewayHeaders.ContentTypeOptions),
                Content = Content("application/json", documentation.Result.Schema, document, documentation.Result.Examples),
            },
        };
        foreach (var status in ProblemTable.Statuses(bearer.IsEnabled))
            operation.Responses.Add($"{status.Status}", Problem(status, document));

        operation.Security = GatewaySecurity.Requirements(document, bearer.IsEnabled);
    }

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var (name, schema) in context.ApiDescriptions.Select(DocumentedOperationOf).OfType<DocumentedOperation>().SelectMany(documented => documented.Create().Schemas(swaggerDoc)))
            swaggerDoc.Components!.Schemas![name] = schema;
    }

    private static DocumentedOperation? DocumentedOperationOf(ApiDescription api) =>
        api.ActionDescriptor.EndpointMetadata.OfType<DocumentedOperation>().SingleOrDefault();

    private static OpenApiParameter NetworkId() => new()
    {
        Name = "networkId",
        In = ParameterLocation.Path,
        Required = true,
        Description = "The Wickr network: exactly 8 digits.",
        Schema = GatewaySchemas.Text("^[0-9]{8}$", WickrIds.NetworkIdLength, WickrIds.NetworkIdLength),
        Example = "12345678",
    };

    private static OpenApiResponse Problem(ProblemStatus status, OpenApiDocument document) => new()
    {
        Description = status.Description,
        Headers = GatewayHeaders.Of(document, [GatewayHeaders.ContentTypeOptions, .. status.Headers, .. RateHeaders(status.Status)]),
        Content = Content("application/problem+json", GatewaySchemas.Problem, document, status.Examples()),
    };

    /// <summary>Every response to an authenticated caller has them.</summary>
    private static string[] RateHeaders(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status405MethodNotAllowed ? [] : [GatewayHeaders.RateLimit, GatewayHeaders.RateLimitPolicy];

    private static Dictionary<string, IOpenApiMediaType> Content(string type, string schema, OpenApiDocument document, IReadOnlyDictionary<string, IOpenApiExample> examples) => new(StringComparer.Ordinal)
    {
        [type] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, document), Examples = new Dictionary<string, IOpenApiExample>(examples, StringComparer.Ordinal) },
    };
}
