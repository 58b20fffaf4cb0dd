using System.Net;
using System.Text.Json.Nodes;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.OpenApi;

public sealed class PublicPrefixTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:9");

    [Fact]
    public async Task Root_Redirects_to_the_page()
    {
        await using var gateway = GatewayHost.Start(Nowhere);

        Assert.Equal((HttpStatusCode.Found, "swagger"), await LocationAsync(gateway, "/"));
        Assert.Equal((HttpStatusCode.MovedPermanently, "swagger/index.html"), await LocationAsync(gateway, "/swagger"));
    }

    [Fact]
    public async Task Page_is_switched_off_Root_links_to_the_documents()
    {
        await using var gateway = GatewayHost.Start(Nowhere, new(StringComparer.Ordinal) { ["OpenApi:SwaggerUi"] = "false" });
        using var client = gateway.Client(apiKey: null);

        var links = JsonNode.Parse(await client.GetStringAsync("/"))!;
        using var page = await client.GetAsync("/swagger/index.html");

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("application/problem+json", page.Content.Headers.ContentType?.ToString());
        foreach (var link in links.AsObject().SelectMany(kind => kind.Value!.AsArray()))
        {
            using var response = await client.GetAsync(new Uri(gateway.Address, (string)link!));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task PathBase_is_set_Paths_and_links_include_it()
    {
        await using var wickr = new ScriptedUpstream().Then(200, "{}", "Content-Type: application/json");
        await using var gateway = GatewayHost.Start(wickr.Address, new(StringComparer.Ordinal) { ["PathBase"] = "/wickr" });
        using var client = gateway.Client();

        Assert.Equal((HttpStatusCode.Found, "/wickr/swagger"), await LocationAsync(gateway, "/wickr"));
        Assert.Equal((HttpStatusCode.Found, "/wickr/swagger"), await LocationAsync(gateway, "/wickr/"));
        Assert.Equal("/wickr", await ServerAsync(client, "/wickr/swagger/v1/swagger.json"));
        using var response = await client.PostAsync("/wickr/networks/12345678/users/suspend-status", Json.Body("""{"suspend":true,"userIds":["1"]}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Forwarded_headers_are_off_Prefix_is_ignored()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/edge");

        Assert.Equal("/", await ServerAsync(client, "/swagger/v1/swagger.json"));
        Assert.Equal((HttpStatusCode.Found, "swagger"), await LocationAsync(gateway, "/", "/edge"));
    }

    [Fact]
    public async Task Forwarded_headers_are_on_Prefix_precedes_the_PathBase()
    {
        await using var gateway = GatewayHost.Start(Nowhere, new(StringComparer.Ordinal) { ["FORWARDEDHEADERS_ENABLED"] = "true", ["PathBase"] = "/wickr" });
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/edge/");

        Assert.Equal("/edge/wickr", await ServerAsync(client, "/wickr/swagger/v1/swagger.json"));
        Assert.Equal("/edge", await ServerAsync(client, "/swagger/v1/swagger.json"));
        Assert.Equal((HttpStatusCode.Found, "/edge/swagger"), await LocationAsync(gateway, "/", "/edge"));
    }

    [Fact]
    public async Task Many_prefixes_Each_document_has_its_own_and_is_otherwise_the_same()
    {
        await using var gateway = GatewayHost.Start(Nowhere, new(StringComparer.Ordinal) { ["FORWARDEDHEADERS_ENABLED"] = "true" });
        using var client = gateway.Client(apiKey: null);
        foreach (var format in (string[])["json", "yaml"])
        {
            var plain = await ReadAsync("");
            for (var number = 0; number < 50; number++)
                Assert.Equal(plain, (await ReadAsync($"/edge-{number}")).Replace($"/edge-{number}", "/", StringComparison.Ordinal));

            async Task<string> ReadAsync(string prefix)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/swagger/v1/swagger.{format}");
                request.Headers.Add("X-Forwarded-Prefix", prefix);
                using var response = await client.SendAsync(request);
                Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
                return await response.Content.ReadAsStringAsync();
            }
        }
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/a\\b")]
    [InlineData("/a?b")]
    [InlineData("/a%2fb")]
    [InlineData("edge")]
    public async Task Forwarded_prefix_is_not_a_plain_path_Is_ignored(string prefix)
    {
        await using var gateway = GatewayHost.Start(Nowhere, new(StringComparer.Ordinal) { ["FORWARDEDHEADERS_ENABLED"] = "true" });

        Assert.Equal((HttpStatusCode.Found, "swagger"), await LocationAsync(gateway, "/", prefix));
    }

    private static async Task<(HttpStatusCode, string?)> LocationAsync(GatewayHost gateway, string path, string? forwardedPrefix = null)
    {
        using var client = gateway.Client(apiKey: null);
        if (forwardedPrefix is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Prefix", forwardedPrefix);

        using var response = await client.GetAsync(path);
        return (response.StatusCode, response.Headers.NonValidated.TryGetValues("Location", out var location) ? location.ToString() : null);
    }

    private static async Task<string?> ServerAsync(HttpClient client, string path) => (string?)JsonNode.Parse(await client.GetStringAsync(path))!["servers"]![0]!["url"];
}
