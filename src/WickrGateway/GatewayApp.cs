using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Hosting;
using WickrGateway.Limits;
using WickrGateway.NetworkOperations;
using WickrGateway.Observability;
using WickrGateway.OpenApi;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.WhoAmI;
using WickrGateway.Wickr;

namespace WickrGateway;

/// <summary>The gateway as an application: its parts, and the path of a request through them.</summary>
/// <remarks>Not a static class, because those cannot be the type argument of <c>WebApplicationFactory</c>.</remarks>
public sealed class GatewayApp
{
    private GatewayApp()
    {
    }

    /// <summary>Builds the gateway, ready to run.</summary>
    /// <param name="args">Command-line settings, such as <c>--Wickr:Region=us-east-1</c>; they override the environment and <c>appsettings.json</c>.</param>
    /// <exception cref="SettingsException">A setting is missing or wrong; the message names every such key.</exception>
    public static WebApplication Create(string[] args) => Create(args, demoApiKey: null);

    /// <inheritdoc cref="Create(string[])"/>
    /// <param name="demoApiKey">Published on the page, filled in, for DevHost. No setting, so that no configuration can publish a real key.</param>
    internal static WebApplication Create(string[] args, string? demoApiKey)
    {
        var warmUp = WarmUp.BeginAsync();

        var builder = CreateBuilder(args);
        AddGateway(builder);
        DemoKey.AddTo(builder.Services, demoApiKey);

        var app = builder.Build();
        // Beside the rest of the start. The warm-up must be over, or its connection would appear in the metrics of the HTTP client.
        var metrics = warmUp.ContinueWith(_ => StartMetrics(app), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        StartReport.Write(app.Services);
        UseGateway(app);
        metrics.GetAwaiter().GetResult();
        MapMetrics(app);
        // What every call needs is created before the first one comes, and after the metrics: opening the audit file can find that somebody changed it.
        _ = app.Services.GetRequiredService<AuditTrail>();
        _ = app.Services.GetRequiredService<SuspendStatusHandler>();
        return app;
    }

    /// <summary>With all settings. The settings file is beside the program, whatever the working directory is.</summary>
    /// <exception cref="InvalidDataException">The settings file is not valid.</exception>
    internal static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

    private static void AddGateway(WebApplicationBuilder builder)
    {
        builder.ContinueInline();
        builder.AddKestrelLimits(RequestShape.Single.MaxLength);
        builder.AddGatewayLogging();
        builder.AddTelemetry(WickrTracing.SourceName);
        builder.Services.AddHealth();
        builder.Services.AddHostedService(gateway => new ManagementServer(gateway, server => MapManagement(server, gateway)));
        builder.Services.AddSingleton<ConnectionRefusalLogger>();
        builder.Services.AddSingleton(CreateConnectionLimiter);
        builder.Services.AddSingleton(TimeProvider.System);
        var settings = GatewaySettings.AddTo(builder.Services, builder.Configuration);
        builder.Services.AddUnhandledProblems();
        builder.AddCallers();
        builder.Services.AddLimits(settings.LimitStore);
        builder.Services.AddPolicy();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddNetworkOperations();
        builder.Services.AddSuspendStatus();
        builder.Services.AddWickr(NamedNetworks);
        builder.Services.AddWickrHealthChecks();
        builder.Services.AddGatewayOpenApi();
    }

    private static IsNamedNetwork NamedNetworks(IServiceProvider provider)
    {
        var callers = provider.GetRequiredService<LiveSettings<CallerDirectory>>();
        var networks = provider.GetRequiredService<WickrOptions>().Networks;
        return networkId => networks.ContainsKey(networkId) || callers.Current.NamedNetworks.Contains(networkId);
    }

    private static void UseGateway(WebApplication app)
    {
        app.UseTraceIdHeader();
        app.UseRequestLogging(app.Services);
        app.UseUnhandledProblems();
        app.UseConfiguredPathBase();
        app.UseRouting();
        app.UseGatewayOpenApi();
        app.MapHealth();
        var operations = app.MapCallerOperations();
        operations.MapWhoAmI();
        operations.MapNetworkOperations().MapSuspendStatus();
    }

    private static void StartMetrics(WebApplication app)
    {
        app.StartTelemetry();
        app.StartMetrics([.. ProblemCatalog.Names, CompletedRequest.Disconnected], CallerActions.Changes, PolicyRefusals.Reasons);
    }

    private static void MapMetrics(WebApplication app)
    {
        if (app.Services.GetRequiredService<ManagementOptions>().Port is null)
            app.MapMetrics(app.Services);
    }

    private static void MapManagement(WebApplication server, IServiceProvider gateway)
    {
        server.UseTraceIdHeader();
        server.UseRequestLogging(gateway);
        server.MapHealth();
        server.MapMetrics(gateway);
    }

    private static ConnectionLimiter CreateConnectionLimiter(IServiceProvider services) => new(
        OpenFileLimit.Fit(
            services.GetRequiredService<ConnectionLimits>(),
            services.GetRequiredService<WickrOptions>().MaxCalls,
            OpenFileLimit.Read(),
            services.GetRequiredService<ILogger<ConnectionLimiter>>()),
        services.GetRequiredService<ConnectionRefusalLogger>().LogRefusal);
}
