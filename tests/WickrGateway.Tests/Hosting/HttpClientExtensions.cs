using System.Net;
using System.Text.Json;

namespace WickrGateway.Tests.Hosting;

/// <summary>A response of the gateway, with the fields of its problem.</summary>
internal sealed record GatewayResponse(HttpStatusCode Status, string Body, HttpResponseMessage Message)
{
    public string? Type => Text("type")?.Replace("urn:wickr-gateway:", "", StringComparison.Ordinal);

    public string? Outcome => Text("outcome");

    public int Attempts => JsonDocument.Parse(Body).RootElement.GetProperty("wickr").GetProperty("attempts").GetInt32();

    /// <summary>In seconds.</summary>
    public double? RetryAfter => Message.Headers.RetryAfter?.Delta?.TotalSeconds;

    /// <summary><c>wickr-failed 502 unknown</c>, or <c>200</c>.</summary>
    public string Summary => Status == HttpStatusCode.OK ? "200" : $"{Type} {(int)Status} {Outcome}";

    private string? Text(string field) =>
        Body.StartsWith('{') && JsonDocument.Parse(Body).RootElement.TryGetProperty(field, out var value) ? value.GetString() : null;
}

internal static class HttpClientExtensions
{
    public const string Accepted = """{"successful":[{"userId":"1"}],"failed":[]}""";

    public static async Task<GatewayResponse> SuspendAsync(this HttpClient client, string token = "t:1", string? timeout = null, string network = "12345678", CancellationToken disconnect = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/networks/{network}/users/suspend-status")
        {
            Content = Json.Body($$"""{"suspend":true,"userIds":["1"],"clientToken":"{{token}}"}"""),
        };
        if (timeout is not null)
            request.Headers.Add("X-Request-Timeout", timeout);

        var response = await client.SendAsync(request, disconnect);
        return new GatewayResponse(response.StatusCode, await response.Content.ReadAsStringAsync(disconnect), response);
    }

    /// <summary>Polls until the condition holds; the test fails when the timeout expires before.</summary>
    public static Task UntilAsync(Func<bool> holds, TimeSpan? timeout = null) => UntilAsync(() => Task.FromResult(holds()), timeout);

    /// <inheritdoc cref="UntilAsync(Func{bool}, TimeSpan?)"/>
    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan? timeout = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await holds())
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
