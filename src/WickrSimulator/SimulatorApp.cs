using WickrSimulator.Control;
using WickrSimulator.Signing;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <summary>A stand-in for Wickr's Admin API, strict where AWS is strict, for development and tests.</summary>
public static class SimulatorApp
{
    private const string DefaultUrl = "http://localhost:8081";
    private const int MostBodyBytes = 1024 * 1024;

    /// <summary>Builds the simulator, ready to run; any number can run in one process.</summary>
    /// <param name="args">Settings, such as <c>--urls=http://127.0.0.1:0</c> or <c>--Simulator:Networks:12345678=100</c>; they win over the environment.</param>
    /// <exception cref="SimulatorSettingsException">A setting is wrong; the message names its key.</exception>
    public static WebApplication Create(string[] args) => Create(args, TimeProvider.System);

    /// <summary>Builds a simulator that lives by a given clock: signatures, delays, the journal and the <c>Date</c> of its answers follow it.</summary>
    /// <param name="args">Settings; they win over the environment.</param>
    /// <param name="clock">The simulator's time.</param>
    /// <exception cref="SimulatorSettingsException">A setting is wrong; the message names its key.</exception>
    public static WebApplication Create(string[] args, TimeProvider clock)
    {
        // An empty builder: a settings file that lies in the same folder belongs to someone else.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(args);
        var options = SimulatorOptions.Read(builder.Configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
        });
        Listen(builder);

        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<SignatureVerifier>();
        builder.Services.AddSingleton<WickrState>();
        builder.Services.AddSingleton<FaultQueue>();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton<WickrEndpoint>();

        var app = builder.Build();
        app.Use((context, next) =>
        {
            // Clients correct their clock by this header, so it has to come from the clock that judges their signatures.
            context.Response.Headers.Date = clock.GetUtcNow().ToString("R");
            return next(context);
        });
        app.UseRouting();
        app.MapControl();
        app.MapFallback("{**path}", app.Services.GetRequiredService<WickrEndpoint>().HandleAsync);
        return app;
    }

    private static void Listen(WebApplicationBuilder builder)
    {
        var ports = builder.Configuration["HTTP_PORTS"];
        var urls = builder.Configuration["urls"] is { Length: > 0 } given ? given
            : ports is { Length: > 0 } ? string.Join(';', ports.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => $"http://*:{port}"))
            : DefaultUrl;
        builder.WebHost.UseUrls(urls.Split(';', StringSplitOptions.RemoveEmptyEntries));
    }
}
