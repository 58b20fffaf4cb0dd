using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>There is one way to write the path: a proxy in front that judges paths by their text must not be talked past.</summary>
public sealed class PathTests : IAsyncDisposable
{
    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

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
    [InlineData("/networks/87654321/../12345678/users/suspend-status")]
    [InlineData("/networks/./12345678/users/suspend-status")]
    [InlineData("/public/../networks/12345678/users/suspend-status")]
    [InlineData("/networks/87654321/%2e%2e/12345678/users/suspend-status")]
    [InlineData("/networks/12345678%2fusers/suspend-status")]
    [InlineData("/networks/12345678/users%2fsuspend-status")]
    [InlineData("/networks/12345678/users/suspend-status;x=1")]
    [InlineData("/networks/12345678/users/toggleSuspend")]
    [InlineData("/v1/networks/12345678/users/suspend-status")]
    [InlineData("/networks/12345678/users/suspend-status%20")]
    public async Task A_path_written_in_any_other_way_Returns_404(string path)
    {
        var answer = await _rig.RawAsync(path);

        var problem = Problem.Of(answer);
        Assert.Equal(404, problem.Status);
        Assert.Equal("not-found", problem.Type);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData("/networks/%312345678/users/suspend-status")]
    [InlineData("/%6eetworks/12345678/users/suspend-status")]
    [InlineData("/networks/12345678/users/suspend%2Dstatus")]
    public async Task Escaped_letters_that_needed_no_escape_Return_404(string path)
    {
        var answer = await _rig.RawAsync(path);

        Assert.Equal("not-found", Problem.Of(answer).Type);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Another_method_Returns_405_with_Allow(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), GatewayFixture.Path);
        using var answer = await _rig.Client.SendAsync(request);

        var problem = await Problem.OfAsync(answer);
        Assert.Equal(405, problem.Status);
        Assert.Equal("method-not-allowed", problem.Type);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_HEAD_Is_answered_without_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, GatewayFixture.Path);
        using var answer = await _rig.Client.SendAsync(request);

        Assert.Equal(405, (int)answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/networks/12345678/users/suspend-status?suspend=false")]
    [InlineData("/networks/12345678/users/suspend-status?a/b/c")]
    public async Task A_query_Is_ignored_and_not_forwarded(string target)
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await _rig.RawAsync(target);

        Assert.Equal(200, answer.Status);
        Assert.Equal("PATCH /networks/12345678/users/toggleSuspend?suspend=true HTTP/1.1", _rig.Wickr.Received.Single().RequestLine);
    }

    [Fact]
    public async Task The_absolute_form_that_proxies_send_Is_taken()
    {
        _rig.Wickr.Then(200, GatewayFixture.Success);

        var answer = await _rig.RawAsync($"http://gateway{GatewayFixture.Path}");

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    public async Task Health_needs_no_credential(string path, int status)
    {
        using var client = _rig.Gateway.Client(apiKey: null);
        using var answer = await client.GetAsync(path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(_rig.Wickr.Received);
    }
}
