using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>After the normalization that every server does (RFC 3986, section 6.2.2) only the exact path is accepted.</summary>
public sealed class PathTests : IAsyncDisposable
{
    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/networks")]
    [InlineData("/networks/12345678/users/suspend-status/")]
    [InlineData("//networks/12345678/users/suspend-status")]
    [InlineData("/networks//12345678/users/suspend-status")]
    [InlineData("/networks/12345678//users/suspend-status")]
    [InlineData("/networks/12345678/users//suspend-status")]
    [InlineData("/networks/12345678/users/suspend-status//")]
    [InlineData("/NETWORKS/12345678/users/suspend-status")]
    [InlineData("/networks/12345678/users/Suspend-Status")]
    [InlineData("/networks/12345678%2fusers/suspend-status")]
    [InlineData("/networks/12345678/users%2fsuspend-status")]
    [InlineData("/networks/12345678/users/suspend-status;x=1")]
    [InlineData("/networks/12345678/users/toggleSuspend")]
    [InlineData("/v1/networks/12345678/users/suspend-status")]
    [InlineData("/networks/12345678/users/suspend-status%20")]
    public async Task Path_is_not_canonical_Returns_404(string path)
    {
        var response = await _fixture.RawAsync(path);

        var problem = Problem.Of(response);
        Assert.Equal(404, problem.Status);
        Assert.Equal("not-found", problem.Type);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Theory]
    [InlineData("/networks/87654321/../12345678/users/suspend-status")]
    [InlineData("/networks/87654321/%2e%2e/12345678/users/suspend-status")]
    [InlineData("/public/../networks/./12345678/users/suspend-status")]
    [InlineData("/networks/%312345678/users/suspend%2Dstatus")]
    public async Task Path_is_normalized_by_the_server_The_same_path_is_checked_and_sent(string path)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(path);

        Assert.Equal(200, response.Status);
        Assert.Equal("PATCH /networks/12345678/users/toggleSuspend?suspend=true HTTP/1.1", _fixture.Wickr.Received.Single().RequestLine);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Method_is_not_POST_Returns_405_with_Allow(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), GatewayFixture.Path);
        using var response = await _fixture.Client.SendAsync(request);

        var problem = await Problem.OfAsync(response);
        Assert.Equal(405, problem.Status);
        Assert.Equal("method-not-allowed", problem.Type);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Method_is_HEAD_Response_has_no_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, GatewayFixture.Path);
        using var response = await _fixture.Client.SendAsync(request);

        Assert.Equal(405, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/networks/12345678/users/suspend-status?suspend=false")]
    [InlineData("/networks/12345678/users/suspend-status?a/b/c")]
    public async Task Query_string_Is_ignored_and_not_forwarded(string target)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(target);

        Assert.Equal(200, response.Status);
        Assert.Equal("PATCH /networks/12345678/users/toggleSuspend?suspend=true HTTP/1.1", _fixture.Wickr.Received.Single().RequestLine);
    }

    [Fact]
    public async Task Target_in_absolute_form_Is_accepted()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync($"http://gateway{GatewayFixture.Path}");

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    public async Task No_credential_Health_returns_200(string path, int status)
    {
        using var client = _fixture.Gateway.Client(apiKey: null);
        using var response = await client.GetAsync(path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(_fixture.Wickr.Received);
    }
}
