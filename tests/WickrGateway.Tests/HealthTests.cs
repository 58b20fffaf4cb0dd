using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary><c>/healthz</c> and <c>/readyz</c>: status, content type and body, byte for byte.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData("/healthz", "application/json", """{"status":"alive"}""")]
    [InlineData("/readyz", "application/json; charset=utf-8", """{"status":"ready"}""")]
    public async Task A_healthy_gateway_Returns_200_for_GET_and_HEAD_and_405_for_others(string path, string contentType, string body)
    {
        await using var gateway = GatewayHost.Start(new Uri("http://127.0.0.1:9"));
        using var client = gateway.Client(apiKey: null);

        using var get = await client.GetAsync(path);
        Assert.Equal((200, contentType, body), await ReadAsync(get));
        Assert.DoesNotContain(get.Headers, header => header.Key is "Cache-Control" or "Pragma");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal((200, contentType, ""), await ReadAsync(head));
        using var post = await client.PostAsync(path, content: null);
        Assert.Equal(405, (int)post.StatusCode);
        Assert.Equal("application/problem+json", post.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Without_credentials_Readyz_is_503_healthz_stays_200_and_probes_log_no_line_of_the_framework()
    {
        await using var gateway = await GatewayProcess.StartAsync(new Uri("http://127.0.0.1:9"), new() { ["AWS_EC2_METADATA_DISABLED"] = "true" });
        using var client = gateway.Client();

        using var ready = await client.GetAsync("/readyz");
        Assert.Equal(
            (503, "application/problem+json", """{"type":"about:blank","title":"Not ready","status":503,"detail":"AWS credentials could not be resolved. Sources tried: environment, profile and SSO, web identity, container, instance metadata."}"""),
            await ReadAsync(ready));
        using var alive = await client.GetAsync("/healthz");
        Assert.Equal(200, (int)alive.StatusCode);
        Assert.DoesNotContain("Microsoft.Extensions.Diagnostics.HealthChecks", gateway.Output, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string? ContentType, string Body)> ReadAsync(HttpResponseMessage response) =>
        ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
}
