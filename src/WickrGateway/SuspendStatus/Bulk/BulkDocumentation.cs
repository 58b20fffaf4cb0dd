using Microsoft.OpenApi;
using WickrGateway.OpenApi;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>What the OpenAPI document says about the bulk request.</summary>
internal static class BulkDocumentation
{
    private const string Request = "BulkSuspendStatusRequest";
    private const string Lines = "BulkLines";
    private const string Batch = "BulkBatch";
    private const string Summary = "BulkSummary";

    /// <summary>Of the first batch of the example.</summary>
    private static readonly string ExampleToken = BulkBatch.DeriveToken(Examples.ClientToken, "12345678", "suspend", ["1", "2"]);

    public static OperationDocumentation Create(TimeSpan totalTimeout) => new(
        [SuspendStatusDocumentation.NetworkId(), SuspendStatusDocumentation.RequestTimeout(totalTimeout, "each batch")],
        new DocumentedBody(
            "The change, as one JSON object in UTF-8 of at most 256 KiB. It is read strictly: names are case-sensitive, and unknown or duplicate fields and repeated users are refused.",
            Request,
            new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
            {
                ["list"] = Examples.Of("Suspend a list of users", $$"""{"suspend":true,"userIds":["1","2"],"clientToken":"{{Examples.ClientToken}}"}"""),
            }),
        new DocumentedResult(
            new DocumentedBody(
                "The run has begun. Each line is a JSON object: a `BulkBatch` for each batch that has ended, and a `BulkSummary` as the last one. Without it the response was cut off: send the same request again.",
                Lines,
                new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal)
                {
                    ["complete"] = new OpenApiExample
                    {
                        Summary = "One batch, and the summary",
                        Value = $$$"""
                            {"batch":1,"of":1,"userIds":["1","2"],"clientToken":"{{{ExampleToken}}}","status":200,"outcome":"applied","attempts":1,"wickrRequestId":"{{{Examples.RequestId}}}","result":{"message":"success","successful":[{"userId":"1"},{"userId":"2"}],"failed":[]}}
                            {"summary":true,"complete":true,"users":2,"successful":2,"failed":0,"unknown":0,"notSent":0}

                            """,
                    },
                }),
            GatewayHeaders.ClientToken)
        { MediaType = "application/x-ndjson" },
        document => new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            [Request] = SuspendStatusDocumentation.RequestSchema(RequestShape.Bulk.MaxUserIds, "1 to 5,000 distinct ids of Wickr's users, sent in this order. `007` and `7` are two ids."),
            [Lines] = LinesSchema(),
            [Batch] = BatchSchema(document),
            [Summary] = SummarySchema(),
        })
    {
        // What Wickr and the audit say about a batch is in its line.
        HasProblem = static problem => !problem.StartsWith("wickr-", StringComparison.Ordinal) && problem is not ("audit-unavailable" or "overloaded-calls"),
    };

    /// <summary>Binary, so that generated clients hand over the stream and do not try to read the lines as one JSON text.</summary>
    private static OpenApiSchema LinesSchema() => new()
    {
        Type = JsonSchemaType.String,
        Format = "binary",
        Description = "Lines of JSON: `BulkBatch` for each batch, then one `BulkSummary`.",
    };

    private static OpenApiSchema BatchSchema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "How one batch ended. It has `result` or `problem`.",
        Required = new SortedSet<string>(StringComparer.Ordinal) { "batch", "of", "userIds", "clientToken", "status", "outcome" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["batch"] = GatewaySchemas.Whole(1, MaxBatches, "The number of the batch, from 1."),
            ["of"] = GatewaySchemas.Whole(1, MaxBatches, "How many batches there are."),
            ["userIds"] = SuspendStatusDocumentation.UserIds(WickrIds.MaxUserIds, "The users of the batch."),
            ["clientToken"] = GatewaySchemas.Text("^[0-9a-f]{64}$", 64, 64, "The token that Wickr got: the hexadecimal SHA-256 of the request's token, the network, `suspend` or `unsuspend`, and the batch's ids, each on a line."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "200", Maximum = "599", Description = "The status that a request with these users alone would have got." },
            ["outcome"] = GatewaySchemas.Text("^[a-z-]+$", 1, 32, "`applied`: Wickr's result is there. `not-applied`: nothing was changed. `unknown`: it may have happened."),
            ["attempts"] = GatewaySchemas.Whole(1, 10, "How many times the batch was sent to Wickr."),
            ["wickrRequestId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Wickr's own id of the request." },
            ["result"] = new OpenApiSchemaReference(SuspendStatusDocumentation.Result, document),
            ["problem"] = new OpenApiSchemaReference(GatewaySchemas.Problem, document),
        },
    };

    private static OpenApiSchema SummarySchema()
    {
        var max = RequestShape.Bulk.MaxUserIds;
        return new()
        {
            Type = JsonSchemaType.Object,
            Description = "The last line. Each user is in exactly one of the four counts.",
            Required = new SortedSet<string>(StringComparer.Ordinal) { "summary", "complete", "users", "successful", "failed", "unknown", "notSent" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["summary"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Always `true`: no other line has this field." },
                ["complete"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Whether Wickr's results have every user." },
                ["users"] = GatewaySchemas.Whole(1, max, "The users of the request."),
                ["successful"] = GatewaySchemas.Whole(0, max, "Those that now have the desired state."),
                ["failed"] = GatewaySchemas.Whole(0, max, "Those that Wickr could not change."),
                ["unknown"] = GatewaySchemas.Whole(0, max, "Those that may have been changed. Send the same request again."),
                ["notSent"] = GatewaySchemas.Whole(0, max, "Those that were certainly not changed by this request."),
                ["stopped"] = GatewaySchemas.Text("^[a-z-]+$", 1, 64, "Why not all batches were sent: the type of a problem without its prefix, `disconnected`, or `shutting-down`. Absent when all were."),
            },
        };
    }

    private static int MaxBatches => RequestShape.Bulk.MaxUserIds / WickrIds.MaxUserIds;
}
