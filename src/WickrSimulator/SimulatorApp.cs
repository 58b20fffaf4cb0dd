using WickrSimulator.Control;
using WickrSimulator.Signing;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <summary>A stand-in for Wickr's Admin API, strict where AWS is strict, for development and tests.</summary>
public static class SimulatorApp
{
    private const string DefaultUrl = "http://localhost:8081";

    /// <summary>Builds the simulator, ready to run; any number can run in one process.</summary>
    /// <param name="args">Settings, such as <c>--urls=http://127.0.0.1:0</c> or <c>--Simulator:Networks:12345678=100</c>; they win over the environment.</param>
    /// <exception cref="SimulatorSettingsException">A setting is wrong; the message names its key.</exception>
    public static WebApplication Create(string[] args)
    {
        // An empty builder: a settings file that lies in the same folder belongs to someone else.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(args);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        Listen(builder);

        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(SimulatorOptions.Read(builder.Configuration));
        builder.Services.AddSingleton<SignatureVerifier>();
        builder.Services.AddSingleton<WickrState>();
        builder.Services.AddSingleton<FaultQueue>();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton<WickrEndpoint>();

        var app = builder.Build();
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
