using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WickrGateway.Limits;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests.Limits;

/// <summary>Several gateways over one simulated Wickr and one Redis. They wait for Redis for as long as a busy test machine may need.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private readonly WebApplication _wickr;

    private Replicas(WebApplication wickr, IReadOnlyList<GatewayHost> all) => (_wickr, All) = (wickr, all);

    public IReadOnlyList<GatewayHost> All { get; }

    public Uri Wickr => new(_wickr.Urls.Single());

    /// <param name="settings">For all of them.</param>
    /// <param name="patience">Whether they wait longer for Redis than in production.</param>
    public static async Task<Replicas> StartAsync(int count, string redis, Dictionary<string, string?>? settings = null, bool patience = true)
    {
        var wickr = await StartWickrAsync();
        var all = Enumerable.Range(0, count).Select(_ => GatewayHost.Start(
            new Uri(wickr.Urls.Single()),
            new Dictionary<string, string?>(settings ?? []) { ["Limits:Redis"] = redis },
            services: services =>
            {
                if (patience)
                    services.AddSingleton<ILimitStore>(provider => new SharedLimitStore(provider.GetRequiredService<RedisCounts>(), provider.GetRequiredService<LimitStoreConnection>(), provider.GetRequiredService<LocalLimitStore>()) { Budget = TimeSpan.FromSeconds(10) });
            })).ToList();
        return new Replicas(wickr, all);
    }

    public Task AllAreSharedAsync() => HttpClientExtensions.UntilAsync(() => All.All(replica => IsShared(replica)));

    public Task NoneIsSharedAsync() => HttpClientExtensions.UntilAsync(() => !All.Any(replica => IsShared(replica)));

    public static bool IsShared(GatewayHost replica) => replica.Services.GetRequiredService<LimitStoreConnection>().IsUp;

    /// <returns>The summary of the response.</returns>
    public async Task<string> SuspendAsync(int replica, params int[] ids)
    {
        using var client = All[replica].Client();
        using var response = await client.PostAsync(GatewayFixture.Path, Json.Body($$"""{"suspend":true,"userIds":[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]}"""));
        return new GatewayResponse(response.StatusCode, await response.Content.ReadAsStringAsync(), response).Summary;
    }

    private static async Task<WebApplication> StartWickrAsync()
    {
        var wickr = SimulatorApp.Create(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Simulator:Networks:12345678=10000", "--Simulator:Networks:87654321=10000"]);
        await wickr.StartAsync();
        return wickr;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in All)
            await replica.DisposeAsync();

        await _wickr.DisposeAsync();
    }
}
