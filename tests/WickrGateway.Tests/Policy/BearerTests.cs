using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>A gateway that accepts the tokens of an identity provider.</summary>
public abstract class BearerTests : IAsyncLifetime
{
    private protected ScriptedUpstream Wickr { get; } = new();

    private protected IdentityProvider Provider { get; private set; } = null!;

    private protected GatewayHost Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Provider = await IdentityProvider.StartAsync();
        Gateway = GatewayHost.Start(Wickr.Address, Provider.Settings());
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Provider.DisposeAsync();
        await Wickr.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
