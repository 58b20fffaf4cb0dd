using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>The identity provider may roll its keys or fail: nobody gets in who should not, and nobody is kept out for longer than need be.</summary>
public sealed class IdentityProviderFaultTests : IAsyncLifetime
{
    private readonly ScriptedUpstream _wickr = new();
    private IdentityProvider _provider = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProvider.StartAsync();
        _gateway = GatewayHost.Start(_wickr.Address, _provider.Settings());
        for (var answer = 0; answer < 2000; answer++)
            _wickr.Then(200, GatewayFixture.Success);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
        await _wickr.DisposeAsync();
    }

    [Fact]
    public async Task Keys_that_roll_over_Are_followed_without_a_restart()
    {
        Assert.Equal(200, await StatusAsync(_provider.Token()));

        _provider.Roll();

        await UntilAsync(200, _provider.Token());
    }

    [Fact]
    public async Task A_provider_that_is_down_Leaves_cached_keys_working_and_lets_nobody_else_in()
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
    public async Task A_provider_that_fails_from_the_start_Lets_nobody_in_until_it_is_back(string fault)
    {
        _provider.IsBroken = fault == "broken";
        _provider.IsSlow = fault == "slow";
        _provider.Published = fault == "no keys" ? [] : null;

        Assert.Equal(401, await StatusAsync(_provider.Token()).WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Empty(_wickr.Received);

        (_provider.IsBroken, _provider.IsSlow, _provider.Published) = (false, false, null);
        await UntilAsync(200, _provider.Token());
    }

    [Fact]
    public async Task A_slow_provider_Keeps_no_API_key_waiting()
    {
        _provider.IsSlow = true;
        var waiting = StatusAsync(_provider.Token());

        using var client = _gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync().WaitAsync(TimeSpan.FromSeconds(3))).Summary);
        Assert.Equal(401, await waiting);
    }

    [Fact]
    public async Task A_provider_that_speaks_for_another_issuer_Lets_nobody_in()
    {
        _provider.AnnouncedIssuer = "https://other.example";

        Assert.Equal(401, await StatusAsync(_provider.Token(change: token => token.Issuer = "https://other.example")));
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task Forgers_with_unknown_keys_Cannot_make_the_gateway_hammer_the_provider()
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

    private async Task UntilAsync(int status, string token)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await StatusAsync(token) != status)
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
