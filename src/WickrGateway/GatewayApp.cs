using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Hosting;
using WickrGateway.Observability;
using WickrGateway.OpenApi;
using WickrGateway.Policy;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway;

/// <summary>The gateway as an application: what it is made of, and the way of a request through it.</summary>
public sealed class GatewayApp
{
    private GatewayApp()
    {
    }

    /// <summary>Builds the gateway, ready to run.</summary>
    /// <param name="args">Command-line settings, such as <c>--Wickr:Region=us-east-1</c>; they win over the environment and <c>appsettings.json</c>.</param>
    /// <exception cref="SettingsException">A setting is missing or wrong; the message names every such key.</exception>
    public static WebApplication Create(string[] args)
    {
        var rehearsal = WarmUp.BeginAsync();

        // The settings file lies beside the program; the working directory is the caller's business.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        AddGateway(builder);

        var app = builder.Build();
        _ = app.Services.GetRequiredService<GatewaySettings>();
        // What every call needs is there before the first one comes.
        _ = app.Services.GetRequiredService<AuditTrail>();
        _ = app.Services.GetRequiredService<SuspendStatusHandler>();
        // Over before anything is counted.
        rehearsal.GetAwaiter().GetResult();
        UseGateway(app);
        return app;
    }

    private static void AddGateway(WebApplicationBuilder builder)
    {
        builder.AddKestrelLimits(BodyReader.MaxLength);
        builder.AddGatewayLogging();
        builder.AddTelemetry();
        builder.Services.AddHealth();
        builder.Services.AddSingleton(TimeProvider.System);
        GatewaySettings.AddTo(builder.Services);
        builder.AddCallers();
        builder.Services.AddSingleton<CallerRateLimiter>();
        builder.Services.AddSingleton<AuthFailureLimiter>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSuspendStatus();
        builder.Services.AddWickr();
        builder.Services.AddWickrHealthChecks();
        builder.Services.AddGatewayOpenApi();
    }

    private static void UseGateway(WebApplication app)
    {
        app.UseTelemetry();
        app.UseRequestLine();
        app.UseGatewayProblems();
        app.UseConfiguredPathBase();
        app.UseRouting();
        app.UseGatewayOpenApi();
        app.MapHealth();
        app.MapTelemetry();
        app.MapSuspendStatus();
    }
}
