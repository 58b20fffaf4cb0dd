using Microsoft.AspNetCore.Connections;
using Serilog;
using Serilog.Events;
using Serilog.Filters;
using Serilog.Settings.Configuration;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

namespace WickrGateway.Observability;

/// <summary>Sets up Serilog; all other code only knows <see cref="ILogger{T}"/>.</summary>
internal static class GatewayLogging
{
    /// <summary>Kestrel quotes the header line that it could not parse, and with it a key in there; no level may turn that on.</summary>
    private const string QuotesHeaders = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    /// <summary>The framework logs a warning or error for each probe that finds a problem. What causes the problem is logged where it happens, so only a check's own exceptions are kept.</summary>
    private static readonly Func<LogEvent, bool> IsFromHealthChecks = Matching.FromSource("Microsoft.Extensions.Diagnostics.HealthChecks");

    /// <summary>Where Serilog's settings find their methods; searching every assembly for them would take a good part of the start.</summary>
    private static readonly ConfigurationReaderOptions Known = new(typeof(Log).Assembly, typeof(ConsoleLoggerConfigurationExtensions).Assembly, typeof(FileLoggerConfigurationExtensions).Assembly);

    public static void AddGatewayLogging(this WebApplicationBuilder builder)
    {
        // What passes here also goes to other providers: to the collector, if there is one, and not to the framework's console.
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(
            (services, logger) => logger
                .ReadFrom.Configuration(services.GetRequiredService<IConfiguration>(), Known)
                .Filter.ByExcluding(Matching.FromSource(QuotesHeaders))
                .Filter.ByExcluding(line => line.Exception is null && IsFromHealthChecks(line))
                .Filter.With(new KestrelLogThrottle(services.GetRequiredService<TimeProvider>()))
                // Program reports this in one line.
                .Filter.ByExcluding(line => line.Exception is IOException { InnerException: AddressInUseException })
                .WriteTo.Sink(new StandardOutput.Sink(new JsonLogFormatter())),
            writeToProviders: TelemetryOptions.Read(new SettingsReader(builder.Configuration)).SendsLogs);
    }
}
