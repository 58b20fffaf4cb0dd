using System.Net;
using System.Text.Json;

namespace WickrGateway.Tests.Hosting;

/// <summary>An answer of the gateway, with the problem's members at hand.</summary>
internal sealed record GatewayAnswer(HttpStatusCode Status, string Body, HttpResponseMessage Message)
{
    public string? Type => Text("type")?.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);

    public string? Outcome => Text("outcome");

    public int Attempts => JsonDocument.Parse(Body).RootElement.GetProperty("wickr").GetProperty("attempts").GetInt32();

    /// <summary>In seconds.</summary>
    public double? RetryAfter => Message.Headers.RetryAfter?.Delta?.TotalSeconds;

    /// <summary><c>wickr-failed 502 unknown</c>, or <c>200</c>.</summary>
    public string Summary => Status == HttpStatusCode.OK ? "200" : $"{Type} {(int)Status} {Outcome}";

    private string? Text(string member) =>
        Body.StartsWith('{') && JsonDocument.Parse(Body).RootElement.TryGetProperty(member, out var value) ? value.GetString() : null;
}

internal static class HttpClientExtensions
{
    public const string Accepted = """{"successful":[{"userId":"1"}],"failed":[]}""";

    public static async Task<GatewayAnswer> SuspendAsync(this HttpClient client, string token = "t:1", string? timeout = null, CancellationToken hangUp = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/networks/12345678/users/suspend-status")
        {
            Content = Json.Body($$"""{"suspend":true,"userIds":["1"],"clientToken":"{{token}}"}"""),
        };
        if (timeout is not null)
            request.Headers.Add("X-Request-Timeout", timeout);

        var answer = await client.SendAsync(request, hangUp);
        return new GatewayAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync(hangUp), answer);
    }

    /// <summary>Until it holds; a promise that is not kept within the patience fails the test.</summary>
    public static async Task UntilAsync(Func<bool> holds, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(15));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!holds())
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
