using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using WickrGateway.Tests.Hosting;
using WickrSimulator;

namespace WickrGateway.Tests.Telemetry;

/// <summary>
/// A gateway in front of the simulator, as its own process: meters are shared within a process, and these metrics must count its calls
/// alone.
/// </summary>
internal sealed class WatchedGateway : IAsyncDisposable
{
    private readonly WebApplication _simulator;
    private readonly HttpClient _control;

    private WatchedGateway(WebApplication simulator, GatewayProcess gateway)
    {
        (_simulator, Gateway, Client) = (simulator, gateway, gateway.Client());
        _control = new HttpClient { BaseAddress = new Uri(simulator.Urls.First()) };
    }

    public GatewayProcess Gateway { get; }

    public HttpClient Client { get; }

    public Uri Wickr => _control.BaseAddress!;

    public static async Task<WatchedGateway> StartAsync(Dictionary<string, string>? environment = null, params string[] settings)
    {
        var simulator = SimulatorApp.Create(["--urls=http://127.0.0.1:0"]);
        await simulator.StartAsync();
        var all = new Dictionary<string, string>(environment ?? [], StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = SimulatorDefaults.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = SimulatorDefaults.SecretAccessKey,
        };
        var gateway = await GatewayProcess.StartAsync(
            new Uri(simulator.Urls.First()), all, ["--Auth:Callers:test:Networks:1=12345678", "--Auth:Callers:test:Actions:1=unsuspend", .. settings]);
        return new WatchedGateway(simulator, gateway);
    }

    public async Task<int> CallAsync(string body = """{"suspend":true,"userIds":["1"]}""", string network = "12345678", string? key = GatewayHost.AllPowerfulKey, string path = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Gateway.Address}networks/{network}/users/suspend-status{path}") { Content = Json.Body(body) };
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        if (key is not null)
            request.Headers.TryAddWithoutValidation("X-Api-Key", key);

        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }

    public async Task FaultAsync(object fault)
    {
        using var response = await _control.PostAsJsonAsync("/_simulator/faults", fault);
        response.EnsureSuccessStatusCode();
    }

    public async Task<MetricsPage> ScrapeAsync()
    {
        using var client = new HttpClient();
        return MetricsPage.Parse(await client.GetStringAsync(new Uri(Gateway.Address, "/metrics")));
    }

    /// <summary>Metrics are recorded just after the response, and the page is cached for 0.3 s.</summary>
    public async Task<MetricsPage> ScrapeUntilAsync(Func<MetricsPage, bool> holds)
    {
        var page = await ScrapeAsync();
        try
        {
            await HttpClientExtensions.UntilAsync(async () => holds(page = await ScrapeAsync()));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The metrics never had the expected values:\n{page.Text}");
        }

        return page;
    }

    /// <summary>A mix of calls: 5 succeed (two after a retry), 1 fails, 3 are refused.</summary>
    public async Task LoadAsync()
    {
        Assert.Equal(200, await CallAsync());
        Assert.Equal(200, await CallAsync("""{"suspend":true,"userIds":["1","2","999"]}"""));
        Assert.Equal(200, await CallAsync("""{"suspend":false,"userIds":["1"]}"""));
        await FaultAsync(new { status = 500 });
        Assert.Equal(200, await CallAsync());
        await FaultAsync(new { status = 429, errorType = "RateLimitError" });
        Assert.Equal(200, await CallAsync());
        await FaultAsync(new { status = 503, count = 3 });
        Assert.Equal(502, await CallAsync());
        Assert.Equal(404, await CallAsync(network: "87654321"));
        Assert.Equal(400, await CallAsync("{}"));
        Assert.Equal(401, await CallAsync(key: null));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _control.Dispose();
        await Gateway.DisposeAsync();
        await _simulator.DisposeAsync();
    }
}
