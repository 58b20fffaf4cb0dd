using WickrSimulator.Control;
using WickrSimulator.Signing;
using WickrSimulator.Sts;
using WickrSimulator.Wickr;

namespace WickrSimulator;

/// <summary>A stand-in for Wickr's Admin API and for STS, as strict as AWS, for development and tests.</summary>
public static class SimulatorApp
{
    private const string DefaultUrl = "http://localhost:8081";
    private const int MaxBodyBytes = 1024 * 1024;

    /// <summary>Builds a simulator that is ready to run; several can run in one process.</summary>
    /// <param name="args">Settings such as <c>--urls=http://127.0.0.1:0</c> or <c>--Simulator:Networks:12345678=100</c>; they override environment variables.</param>
    /// <exception cref="SimulatorSettingsException">A setting is invalid; the message names its key.</exception>
    public static WebApplication Create(string[] args) => Create(args, TimeProvider.System);

    /// <summary>Builds a simulator with a clock of its own.</summary>
    /// <param name="args">Settings; they override environment variables.</param>
    /// <param name="clock">Used for signatures, delays, the request log and the <c>Date</c> of responses.</param>
    /// <exception cref="SimulatorSettingsException">A setting is invalid; the message names its key.</exception>
    public static WebApplication Create(string[] args, TimeProvider clock)
    {
        // An empty builder does not read an appsettings.json in the same folder, which belongs to another program.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(args);
        var options = SimulatorOptions.Read(builder.Configuration);
        builder.WebHost.UseKestrelCore().UseUrls(Urls(builder.Configuration)).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });

        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock);
        var credentials = new CredentialStore(options.Credentials, clock);
        builder.Services.AddSingleton(credentials);
        builder.Services.AddSingleton(options.Roles);
        builder.Services.AddSingleton(new SignatureVerifier(credentials, options.Regions, clock));
        builder.Services.AddSingleton(new WickrState(options.Networks));
        builder.Services.AddSingleton<ReadOperations>();
        builder.Services.AddSingleton<FaultQueue>();
        builder.Services.AddSingleton<FaultInjector>();
        builder.Services.AddSingleton<RequestLog>();
        builder.Services.AddSingleton<WickrEndpoint>();
        builder.Services.AddSingleton<StsEndpoint>();

        var app = builder.Build();
        app.Use((context, next) =>
        {
            // Clients correct their clock by this header, so it must come from the clock that checks their signatures.
            context.Response.Headers.Date = clock.GetUtcNow().ToString("R");
            return next(context);
        });
        app.UseRouting();
        app.MapControl();
        app.MapPost("/", app.Services.GetRequiredService<StsEndpoint>().HandleAsync);
        app.MapFallback("{**path}", app.Services.GetRequiredService<WickrEndpoint>().HandleAsync);
        return app;
    }

    private static string[] Urls(ConfigurationManager configuration)
    {
        if (configuration["urls"] is { Length: > 0 } urls)
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries);

        return configuration["HTTP_PORTS"] is { Length: > 0 } ports
            ? [.. ports.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => $"http://*:{port}")]
            : [DefaultUrl];
    }
}
