using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace WickrGateway.OpenApi;

/// <summary>Examples that work as they stand against the simulator's network.</summary>
internal static class Examples
{
    public const string Token = "offboarding:4711";
    public const string RequestId = "7d1f9a54-2f5e-4c6a-9c1e-0d3b8f6f2a11";

    public static Dictionary<string, IOpenApiExample> Requests => new(StringComparer.Ordinal)
    {
        ["suspend"] = Of("Suspend two users", """{"suspend":true,"userIds":["1","2"]}"""),
        ["unsuspend"] = Of("Lift the suspension of one user", """{"suspend":false,"userIds":["1"]}"""),
        ["with-token"] = Of("Suspend under a token of your own", $$"""{"suspend":true,"userIds":["1","2"],"clientToken":"{{Token}}"}"""),
    };

    public static Dictionary<string, IOpenApiExample> Results => new(StringComparer.Ordinal)
    {
        ["all"] = Of("Both users are suspended", """{"message":"Users suspended","successful":[{"userId":"1"},{"userId":"2"}],"failed":[]}"""),
        ["partial"] = Of("One of them is not known to Wickr", """{"successful":[{"userId":"1"}],"failed":[{"userId":"999","field":"userId","reason":"User not found"}]}"""),
    };

    private static OpenApiExample Of(string summary, string json) => new() { Summary = summary, Value = JsonNode.Parse(json) };
}
