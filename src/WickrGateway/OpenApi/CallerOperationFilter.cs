using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using WickrGateway.Callers;

namespace WickrGateway.OpenApi;

/// <summary>Completes the operations that have a <see cref="DocumentedOperation"/>, and no others. Summary and description come from the route.</summary>
internal sealed class CallerOperationFilter(BearerOptions bearer) : IOperationFilter, IDocumentFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (DocumentedOperationOf(context.ApiDescription) is not { } documented)
            return;

        var documentation = documented.Create();
        var document = context.Document;
        operation.Parameters = [.. documentation.Parameters];
        operation.RequestBody = documentation.Request is not { } request ? null : new OpenApiRequestBody
        {
            Description = request.Description,
            Required = true,
            Content = Content("application/json", request.Schema, document, request.Examples),
        };
        operation.Responses = new OpenApiResponses { ["200"] = Success(documentation.Result, document) };
        foreach (var status in ProblemTable.Statuses(bearer.IsEnabled))
        {
            if (status.Of(documentation.HasProblem) is { } possible)
                operation.Responses.Add($"{possible.Status}", Problem(possible, document));
        }

        operation.Security = GatewaySecurity.Requirements(document, bearer.IsEnabled);
    }

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var (name, schema) in context.ApiDescriptions.Select(DocumentedOperationOf).OfType<DocumentedOperation>().SelectMany(documented => documented.Create().Schemas(swaggerDoc)))
            swaggerDoc.Components!.Schemas![name] = schema;
    }

    private static DocumentedOperation? DocumentedOperationOf(ApiDescription api) =>
        api.ActionDescriptor.EndpointMetadata.OfType<DocumentedOperation>().SingleOrDefault();

    private static OpenApiResponse Success(DocumentedResult result, OpenApiDocument document) => new()
    {
        Description = result.Body.Description,
        Headers = GatewayHeaders.Of(document, [.. result.Headers, GatewayHeaders.RateLimit, GatewayHeaders.RateLimitPolicy, GatewayHeaders.ContentTypeOptions, GatewayHeaders.TraceId]),
        Content = Content(result.MediaType, result.Body.Schema, document, result.Body.Examples),
    };

    private static OpenApiResponse Problem(ProblemStatus status, OpenApiDocument document) => new()
    {
        Description = status.Description,
        Headers = GatewayHeaders.Of(document, [GatewayHeaders.ContentTypeOptions, GatewayHeaders.TraceId, .. status.Headers, .. RateHeaders(status.Status)]),
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
