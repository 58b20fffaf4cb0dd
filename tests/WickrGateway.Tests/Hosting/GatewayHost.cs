using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WickrGateway.Tests.OpenApi;

namespace WickrGateway.Tests.Hosting;

/// <summary>The real gateway on a real socket, with one caller that may do everything and one that may only suspend in one network.</summary>
internal sealed class GatewayHost : WebApplicationFactory<GatewayApp>
{
    public const string AllPowerfulKey = "key-of-the-all-powerful-caller";
    public const string LimitedKey = "key-of-the-limited-caller";

    /// <summary>The only network of the limited caller.</summary>
    public const string LimitedNetwork = "12345678";

    private readonly Dictionary<string, string?> _settings;
    private readonly TimeProvider? _time;
    private readonly Action<IServiceCollection>? _services;

    private GatewayHost(Uri wickr, Dictionary<string, string?>? settings, TimeProvider? time, Action<IServiceCollection>? services)
    {
        _time = time;
        _services = services;
        _settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Wickr:Region"] = "us-east-1",
            ["Wickr:Endpoint"] = wickr.AbsoluteUri,
            ["Auth:Callers:all-powerful:ApiKeySha256:0"] = Sha256(AllPowerfulKey),
            ["Auth:Callers:all-powerful:Networks:0"] = "*",
            ["Auth:Callers:all-powerful:Actions:0"] = "suspend",
            ["Auth:Callers:all-powerful:Actions:1"] = "unsuspend",
            ["Auth:Callers:limited:ApiKeySha256:0"] = Sha256(LimitedKey),
            ["Auth:Callers:limited:Networks:0"] = LimitedNetwork,
            ["Auth:Callers:limited:Actions:0"] = "suspend",
            // As a setting, because the factory would set the port only after Program has begun to start the server.
            ["urls"] = "http://127.0.0.1:0",
            ["Serilog:MinimumLevel:Default"] = "Fatal",
            ["Serilog:MinimumLevel:Override:Microsoft"] = "Fatal",
            ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Fatal",
            // All tests share one caller; the rate limit has its own tests.
            ["RateLimit:PermitsPerSecond"] = "100000",
            ["RateLimit:Burst"] = "100000",
            ["RateLimit:FailuresPerMinute"] = "100000",
        };
        foreach (var (key, value) in settings ?? [])
            _settings[key] = value;

        UseKestrel();
    }

    public Uri Address => ClientOptions.BaseAddress;

    /// <param name="services">Replaces what the gateway gets from the machine, such as its name server.</param>
    public static GatewayHost Start(Uri wickr, Dictionary<string, string?>? settings = null, TimeProvider? time = null, Action<IServiceCollection>? services = null)
    {
        var host = new GatewayHost(wickr, settings, time, services);
        host.StartServer();
        return host;
    }

    /// <summary>A client that adds only the key, and fails the test when a response is not in the OpenAPI document.</summary>
    public HttpClient Client(string? apiKey = AllPowerfulKey)
    {
        var client = new HttpClient(new DocumentedResponses { InnerHandler = new SocketsHttpHandler { ActivityHeadersPropagator = null, UseCookies = false, AllowAutoRedirect = false } }) { BaseAddress = Address };
        if (apiKey is not null)
            client.DefaultRequestHeaders.Add("X-Api-Key", apiKey);

        return client;
    }

    public static string Sha256(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);

        if (_services is not null)
            builder.ConfigureTestServices(_services);

        if (_time is null)
            return;

        // After a failed test nothing moves the time any more, and a call that waits for it must not hold up the shutdown.
        builder.ConfigureTestServices(services => services.AddSingleton(_time).PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5)));
    }
}
