using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>401, 429, 400 and 403 for the network, 415, 413, 400 for the body, 403 for the action: the response to a later check is only seen by callers who passed the earlier ones.</summary>
public sealed class CheckOrderTests : IAsyncDisposable
{
    private const string OtherNetwork = "/networks/87654321/users/suspend-status";

    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync()
    {
        Assert.Empty(_fixture.Wickr.Received);
        return _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(null, "application/json", GatewayFixture.ValidBody)]
    [InlineData(null, "text/plain", "nonsense")]
    [InlineData(null, "application/json", "")]
    [InlineData("wrong", "application/json", GatewayFixture.ValidBody)]
    [InlineData("wrong", "text/plain", "nonsense")]
    [InlineData("", "application/json", GatewayFixture.ValidBody)]
    [InlineData("KEY-OF-THE-ALL-POWERFUL-CALLER", "application/json", GatewayFixture.ValidBody)]
    [InlineData("key-of-the-all-powerful-calle", "application/json", GatewayFixture.ValidBody)]
    public async Task No_valid_credential_Returns_401_whatever_the_body(string? key, string contentType, string body)
    {
        var response = await SendAsync("/networks/1/users/suspend-status", key, contentType, body);

        var problem = Problem.Of(response);
        Assert.Equal(401, problem.Status);
        Assert.Equal("unauthenticated", problem.Type);
        Assert.Contains("ApiKey", response.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Null(problem.Outcome);
    }

    [Fact]
    public async Task A_body_past_the_limit_without_a_credential_Returns_401()
    {
        var response = await SendAsync(GatewayFixture.Path, key: null, "application/json", new string('x', 70_000));

        Assert.Equal(401, response.Status);
    }

    [Fact]
    public async Task Two_keys_in_one_request_Return_401()
    {
        var response = await RawHttp.SendAsync(
            _fixture.Gateway.Address,
            [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json", $"Content-Length: {GatewayFixture.ValidBody.Length}"],
            GatewayFixture.ValidBody);

        Assert.Equal(401, Problem.Of(response).Status);
    }

    [Fact]
    public async Task The_hash_of_a_key_Is_not_a_key()
    {
        var response = await SendAsync(GatewayFixture.Path, GatewayHost.Sha256(GatewayHost.AllPowerfulKey), "application/json", GatewayFixture.ValidBody);

        Assert.Equal(401, response.Status);
    }

    [Theory]
    [InlineData(OtherNetwork, "application/json", GatewayFixture.ValidBody)]
    [InlineData(OtherNetwork, "text/plain", "nonsense")]
    [InlineData(OtherNetwork, "application/json", "")]
    public async Task A_network_without_a_grant_Returns_403_before_the_body_is_read(string path, string contentType, string body)
    {
        var response = await SendAsync(path, GatewayHost.LimitedKey, contentType, body);

        var problem = Problem.Of(response);
        Assert.Equal(403, problem.Status);
        Assert.Equal("forbidden", problem.Type);
        Assert.Null(problem.Outcome);
        Assert.Null(problem.ClientToken);
    }

    [Theory]
    [InlineData("1", "application/json", GatewayFixture.ValidBody)]
    [InlineData("1234567", "text/plain", "nonsense")]
    [InlineData("123456789", "application/json", "")]
    [InlineData("1234567%D9%A3", "application/json", GatewayFixture.ValidBody)]
    public async Task A_malformed_network_id_Returns_400_before_grants_and_body_are_checked(string network, string contentType, string body)
    {
        var response = await SendAsync($"/networks/{network}/users/suspend-status", GatewayHost.LimitedKey, contentType, body);

        var problem = Problem.Of(response);
        Assert.Equal(400, problem.Status);
        Assert.Equal(["networkId"], problem.Errors.Keys);
    }

    [Theory]
    [InlineData(null, "No credential was sent. Send an API key in X-Api-Key")]
    [InlineData("wrong", "The API key is not valid.")]
    [InlineData("", "The API key is not valid.")]
    public async Task The_401_Says_whether_the_credential_is_missing_or_not_valid(string? key, string detail)
    {
        var response = await SendAsync(GatewayFixture.Path, key, "application/json", GatewayFixture.ValidBody);

        Assert.Contains(detail, response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_past_the_limit_for_a_network_without_a_grant_Returns_403()
    {
        var response = await SendAsync(OtherNetwork, GatewayHost.LimitedKey, "application/json", new string('x', 70_000));

        Assert.Equal(403, response.Status);
    }

    [Fact]
    public async Task The_media_type_Is_checked_before_the_size()
    {
        var response = await SendAsync(GatewayFixture.Path, GatewayHost.AllPowerfulKey, "text/plain", new string('x', 70_000));

        Assert.Equal(415, response.Status);
    }

    [Fact]
    public async Task An_invalid_request_for_an_action_without_a_grant_Returns_400()
    {
        var response = await SendAsync(GatewayFixture.Path, GatewayHost.LimitedKey, "application/json", """{"suspend":false,"userIds":[]}""");

        Assert.Equal(400, response.Status);
    }

    [Fact]
    public async Task An_action_without_a_grant_Returns_403_with_outcome_not_applied()
    {
        var response = await SendAsync(GatewayFixture.Path, GatewayHost.LimitedKey, "application/json", """{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""");

        var problem = Problem.Of(response);
        Assert.Equal(403, problem.Status);
        Assert.Equal("forbidden", problem.Type);
        Assert.Equal("not-applied", problem.Outcome);
        Assert.Equal("t:1", problem.ClientToken);
    }

    [Fact]
    public async Task A_granted_action_in_a_granted_network_Is_sent()
    {
        await using var fixture = new GatewayFixture();
        fixture.Wickr.Then(200, GatewayFixture.Success);
        using var client = fixture.Gateway.Client(GatewayHost.LimitedKey);

        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body(GatewayFixture.ValidBody));

        Assert.Equal(200, (int)response.StatusCode);
    }

    private Task<RawResponse> SendAsync(string path, string? key, string contentType, string body) => RawHttp.SendAsync(
        _fixture.Gateway.Address,
        [$"POST {path} HTTP/1.1", .. key is null ? (string[])[] : [$"X-Api-Key: {key}"], $"Content-Type: {contentType}", $"Content-Length: {body.Length}"],
        body);
}
