using System.Text.Json;

namespace WickrGateway.Tests.Hosting;

/// <summary>A problem of RFC 9457 as a caller reads it; making one checks what every problem must have.</summary>
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
        foreach (var member in (string[])["type", "title", "detail", "traceId"])
            Assert.NotEmpty(_body.GetProperty(member).GetString()!);

        Assert.StartsWith("urn:wickr-gateway:", _body.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.All(_body.EnumerateObject(), member => Assert.NotEqual(JsonValueKind.Null, member.Value.ValueKind));
        Assert.Subset(
            (HashSet<string>)["type", "title", "status", "detail", "traceId", "errors", "clientToken", "outcome", "wickr"],
            _body.EnumerateObject().Select(member => member.Name).ToHashSet());
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception:", body, StringComparison.Ordinal);
    }

    public int Status { get; }

    public string Text { get; }

    /// <summary>The type without the part that all have.</summary>
    public string Type => _body.GetProperty("type").GetString()!["urn:wickr-gateway:".Length..];

    public string? Outcome => Member("outcome");

    public string? ClientToken => Member("clientToken");

    public JsonElement? Wickr => _body.TryGetProperty("wickr", out var wickr) ? wickr : null;

    /// <summary>The faults by member, or none.</summary>
    public IReadOnlyDictionary<string, string[]> Errors => _body.TryGetProperty("errors", out var errors)
        ? errors.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.EnumerateArray().Select(fault => fault.GetString()!).ToArray())
        : [];

    public static async Task<Problem> OfAsync(HttpResponseMessage answer) =>
        new((int)answer.StatusCode, answer.Content.Headers.NonValidated["Content-Type"].ToString(), await answer.Content.ReadAsStringAsync());

    public static Problem Of(RawAnswer answer) => new(answer.Status, answer.Header("Content-Type"), answer.Body);

    private string? Member(string name) => _body.TryGetProperty(name, out var member) ? member.GetString() : null;
}
