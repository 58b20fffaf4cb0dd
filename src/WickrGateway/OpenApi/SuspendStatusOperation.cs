using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.OpenApi;

/// <summary>What the operation takes and gives. Its summary and description stand with its route.</summary>
internal sealed class SuspendStatusOperation(WickrOptions options) : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var document = context.Document;
        operation.Parameters = [NetworkId(), RequestTimeout(options.TotalTimeout), AuditReason()];
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "The change, as one JSON object in UTF-8 of at most 64 KiB. It is read strictly: names are case-sensitive, and unknown or repeated members are refused.",
            Required = true,
            Content = Content("application/json", GatewaySchemas.Request, document, Examples.Requests),
        };
        operation.Responses = new OpenApiResponses { ["200"] = Success(document) };
        foreach (var status in ProblemTable.Statuses)
            operation.Responses.Add($"{status.Status}", Problem(status, document));

        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(GatewaySecurity.ApiKey, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(GatewaySecurity.Bearer, document)] = [] },
        ];
    }

    private static OpenApiParameter NetworkId() => new()
    {
        Name = "networkId",
        In = ParameterLocation.Path,
        Required = true,
        Description = "The Wickr network: exactly 8 digits.",
        Schema = GatewaySchemas.Text("^[0-9]{8}$", WickrIds.NetworkIdLength, WickrIds.NetworkIdLength),
        Example = "12345678",
    };

    private static OpenApiParameter RequestTimeout(TimeSpan totalTimeout) => new()
    {
        Name = RequestReader.TimeoutHeader,
        In = ParameterLocation.Header,
        Description = "The longest this call may take, in whole seconds. It can only shorten the gateway's own limit, which is the default.",
        Schema = GatewaySchemas.Whole(1, (int)totalTimeout.TotalSeconds),
    };

    private static OpenApiParameter AuditReason() => new()
    {
        Name = RequestReader.AuditReasonHeader,
        In = ParameterLocation.Header,
        Description = "Why the change is made, such as a ticket: 1 to 200 printable characters in UTF-8, for the gateway's audit. It is not sent to Wickr.",
        Schema = GatewaySchemas.Text(@"^[^\p{C}\p{Zl}\p{Zp}\uFFFD]+$", 1, SuspendStatusRules.MaxAuditReasonLength),
    };

    private static OpenApiResponse Success(OpenApiDocument document) => new()
    {
        Description = "Wickr took the change and answered; the body is Wickr's, byte for byte. Users that Wickr could not change are in `failed`: look there before you call it done.",
        Headers = GatewayHeaders.Of(document, GatewayHeaders.ClientToken, GatewayHeaders.RequestId, GatewayHeaders.RateLimit, GatewayHeaders.RateLimitPolicy),
        Content = Content("application/json", GatewaySchemas.Result, document, Examples.Results),
    };

    private static OpenApiResponse Problem(ProblemStatus status, OpenApiDocument document) => new()
    {
        Description = status.Description,
        Headers = GatewayHeaders.Of(document, [GatewayHeaders.ContentTypeOptions, .. status.Headers, .. Rates(status.Status)]),
        Content = Content("application/problem+json", GatewaySchemas.Problem, document, status.Examples()),
    };

    /// <summary>They are told to callers that are known, which these answers do not wait for.</summary>
    private static string[] Rates(int status) => status is 401 or 405 ? [] : [GatewayHeaders.RateLimit, GatewayHeaders.RateLimitPolicy];

    private static Dictionary<string, IOpenApiMediaType> Content(string type, string schema, OpenApiDocument document, IDictionary<string, IOpenApiExample> examples) => new(StringComparer.Ordinal)
    {
        [type] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, document), Examples = examples },
    };
}
