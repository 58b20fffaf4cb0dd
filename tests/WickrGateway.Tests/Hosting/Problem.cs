using System.Text.Json;

namespace WickrGateway.Tests.Hosting;

/// <summary>A problem of RFC 9457 as a caller reads it; creating one checks what every problem must have.</summary>
internal sealed class Problem
{
    private readonly JsonElement _body;

    private Problem(int status, string? mediaType, string body)
    {
        Assert.Equal("application/problem+json", mediaType);
        Status = status;
        Text = body;
        _body = JsonDocument.Parse(body).RootElement;
        Assert.Equal(status, _body.GetProperty("status").GetInt32());
        foreach (var field in (string[])["type", "title", "detail", "traceId"])
            Assert.NotEmpty(_body.GetProperty(field).GetString()!);

        Assert.StartsWith("urn:wickr-gateway:", _body.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.All(_body.EnumerateObject(), field => Assert.NotEqual(JsonValueKind.Null, field.Value.ValueKind));
        Assert.Subset(
            (HashSet<string>)["type", "title", "status", "detail", "traceId", "errors", "clientToken", "outcome", "limit", "wickr"],
            _body.EnumerateObject().Select(field => field.Name).ToHashSet());
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception:", body, StringComparison.Ordinal);
    }

    public int Status { get; }

    public string Text { get; }

    /// <summary>The type without its common prefix.</summary>
    public string Type => _body.GetProperty("type").GetString()!["urn:wickr-gateway:".Length..];

    public string? Outcome => Field("outcome");

    public string? ClientToken => Field("clientToken");

    public string Detail => Field("detail")!;

    /// <summary>As JSON; null when there is none.</summary>
    public string? Limit => _body.TryGetProperty("limit", out var limit) ? limit.GetRawText() : null;

    public JsonElement? Wickr => _body.TryGetProperty("wickr", out var wickr) ? wickr : null;

    /// <summary>The errors by field; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string[]> Errors => _body.TryGetProperty("errors", out var errors)
        ? errors.EnumerateObject().ToDictionary(error => error.Name, error => error.Value.EnumerateArray().Select(message => message.GetString()!).ToArray())
        : [];

    public static async Task<Problem> OfAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, response.Content.Headers.NonValidated["Content-Type"].ToString(), await response.Content.ReadAsStringAsync());

    public static Problem Of(RawResponse response) => new(response.Status, response.Header("Content-Type"), response.Body);

    private string? Field(string name) => _body.TryGetProperty(name, out var field) ? field.GetString() : null;
}
