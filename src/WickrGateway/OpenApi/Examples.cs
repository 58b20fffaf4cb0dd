using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace WickrGateway.OpenApi;

/// <summary>Values and helpers for examples.</summary>
internal static class Examples
{
    public const string ClientToken = "0b9c7a52-6d0f-4c1e-9a3f-2f5e4c6a9c1e";
    public const string RequestId = "7d1f9a54-2f5e-4c6a-9c1e-0d3b8f6f2a11";
    public const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static OpenApiExample Of(string summary, string json) => new() { Summary = summary, Value = JsonNode.Parse(json) };
}
