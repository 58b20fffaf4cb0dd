using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>When the identity provider changes its keys or fails, invalid tokens stay refused and valid ones work again as soon as possible.</summary>
public sealed class IdentityProviderFaultTests : IAsyncLifetime
{
    private readonly ScriptedUpstream _wickr = new();
    private IdentityProvider _provider = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProvider.StartAsync();
        _gateway = GatewayHost.Start(_wickr.Address, _provider.Settings());
        _wickr.ThenAlways(200, GatewayFixture.Success);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
        await _wickr.DisposeAsync();
    }

    [Fact]
    public async Task Keys_roll_over_New_tokens_are_accepted_without_a_restart()
    {
        Assert.Equal(200, await StatusAsync(_provider.Token()));

        _provider.Roll();

        await UntilAsync(200, _provider.Token());
    }

    [Fact]
    public async Task Provider_is_down_Cached_keys_stay_valid_and_unknown_keys_return_401()
    {
        Assert.Equal(200, await StatusAsync(_provider.Token()));
        _provider.IsBroken = true;

        var stranger = _provider.Token(change: token => token.SigningCredentials = new(IdentityProvider.NewKey(), "RS256"));
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(401, await StatusAsync(stranger));
            Assert.Equal(200, await StatusAsync(_provider.Token()));
        }
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("slow")]
    [InlineData("no keys")]
    public async Task Provider_fails_from_the_start_Returns_401_until_it_recovers(string failure)
    {
        _provider.IsBroken = failure == "broken";
        _provider.IsSlow = failure == "slow";
        _provider.Published = failure == "no keys" ? [] : null;

        Assert.Equal(401, await StatusAsync(_provider.Token()).WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Empty(_wickr.Received);

        (_provider.IsBroken, _provider.IsSlow, _provider.Published) = (false, false, null);
        await UntilAsync(200, _provider.Token());
    }

    [Fact]
    public async Task Provider_hangs_API_keys_are_accepted_without_waiting()
    {
        _provider.IsSlow = true;
        var waiting = StatusAsync(_provider.Token());
        await HttpClientExtensions.UntilAsync(() => _provider.Fetches > 0);

        using var client = _gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.False(waiting.IsCompleted);
        _provider.Recover();
        Assert.Equal(200, await waiting);
    }

    [Fact]
    public async Task Provider_announces_another_issuer_Returns_401()
    {
        _provider.AnnouncedIssuer = "https://other.example";

        Assert.Equal(401, await StatusAsync(_provider.Token(change: token => token.Issuer = "https://other.example")));
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task Many_tokens_with_unknown_keys_Cause_few_requests_to_the_provider()
    {
        Assert.Equal(200, await StatusAsync(_provider.Token()));
        var before = _provider.Fetches;
        var forged = _provider.Token(change: token => token.SigningCredentials = new(IdentityProvider.NewKey(), "RS256"));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => StatusAsync(forged)));

        Assert.InRange(_provider.Fetches - before, 0, 40);
    }

    private async Task<int> StatusAsync(string token)
    {
        using var client = _gateway.Client(apiKey: null);
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        return (int)(await client.SuspendAsync()).Status;
    }

    private Task UntilAsync(int status, string token) => HttpClientExtensions.UntilAsync(async () => await StatusAsync(token) == status);
}
