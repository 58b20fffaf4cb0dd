using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.OpenApi;

namespace WickrGateway.Tests.Bulk;

/// <summary>The lines of a bulk response that has been read whole.</summary>
internal sealed record BulkResponse(HttpResponseMessage Message, IReadOnlyList<JsonElement> Lines)
{
    public const string Path = "/networks/12345678/users/suspend-status/bulk";

    public IReadOnlyList<JsonElement> Batches => [.. Lines.Where(line => line.TryGetProperty("batch", out _))];

    public JsonElement Summary => Lines[^1];

    public static string Body(IEnumerable<int> ids, string? token = "bulk:1", bool suspend = true) =>
        $$"""{"suspend":{{(suspend ? "true" : "false")}},"userIds":[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]{{(token is null ? "" : $",\"clientToken\":\"{token}\"")}}}""";

    public static async Task<BulkResponse> SendAsync(HttpClient client, string body)
    {
        var response = await client.PostAsync(Path, Json.Body(body));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return Parse(response, text);
    }

    public static BulkResponse Parse(HttpResponseMessage response, string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n')[..^1];
        Assert.All(lines[..^1], line => Assert.Empty(Contract.ErrorsOf("BulkBatch", line)));
        Assert.Empty(Contract.ErrorsOf("BulkSummary", lines[^1]));
        return new BulkResponse(response, [.. lines.Select(line => JsonDocument.Parse(line).RootElement)]);
    }
}
