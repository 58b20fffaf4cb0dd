using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>When the identity provider changes its keys or fails, invalid tokens stay refused and valid ones work again as soon as possible.</summary>
public sealed class IdentityProviderFailureTests : BearerTests
{
    public IdentityProviderFailureTests() => Wickr.ThenAlways(200, GatewayFixture.Success);

    [Fact]
    public async Task Keys_roll_over_New_tokens_are_accepted_without_a_restart()
    {
        Assert.Equal(200, await StatusAsync(Provider.Token()));

        Provider.Roll();

        await UntilAsync(200, Provider.Token());
    }

    [Fact]
    public async Task Provider_is_down_Cached_keys_stay_valid_and_unknown_keys_return_401()
    {
        Assert.Equal(200, await StatusAsync(Provider.Token()));
        Provider.IsBroken = true;

        var stranger = Provider.Token(change: token => token.SigningCredentials = new(IdentityProvider.NewKey(), "RS256"));
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(401, await StatusAsync(stranger));
            Assert.Equal(200, await StatusAsync(Provider.Token()));
        }
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("slow")]
    [InlineData("no keys")]
    public async Task Provider_fails_from_the_start_Returns_401_until_it_recovers(string failure)
    {
        Provider.IsBroken = failure == "broken";
        Provider.IsSlow = failure == "slow";
        Provider.Published = failure == "no keys" ? [] : null;

        Assert.Equal(401, await StatusAsync(Provider.Token()).WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Empty(Wickr.Received);

        (Provider.IsBroken, Provider.IsSlow, Provider.Published) = (false, false, null);
        await UntilAsync(200, Provider.Token());
    }

    [Fact]
    public async Task Provider_hangs_API_keys_are_accepted_without_waiting()
    {
        Provider.IsSlow = true;
        var waiting = StatusAsync(Provider.Token());
        await HttpClientExtensions.UntilAsync(() => Provider.Fetches > 0);

        using var client = Gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.False(waiting.IsCompleted);
        Provider.Recover();
        Assert.Equal(200, await waiting);
    }

    [Fact]
    public async Task Provider_announces_another_issuer_Returns_401()
    {
        Provider.AnnouncedIssuer = "https://other.example";

        Assert.Equal(401, await StatusAsync(Provider.Token(change: token => token.Issuer = "https://other.example")));
        Assert.Empty(Wickr.Received);
    }

    [Fact]
    public async Task Many_tokens_with_unknown_keys_Cause_few_requests_to_theProvider()
    {
        Assert.Equal(200, await StatusAsync(Provider.Token()));
        var before = Provider.Fetches;
        var forged = Provider.Token(change: token => token.SigningCredentials = new(IdentityProvider.NewKey(), "RS256"));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => StatusAsync(forged)));

        Assert.InRange(Provider.Fetches - before, 0, 40);
    }

    private async Task<int> StatusAsync(string token)
    {
        using var client = Gateway.Client(apiKey: null);
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        return (int)(await client.SuspendAsync()).Status;
    }

    private Task UntilAsync(int status, string token) => HttpClientExtensions.UntilAsync(async () => await StatusAsync(token) == status);
}
