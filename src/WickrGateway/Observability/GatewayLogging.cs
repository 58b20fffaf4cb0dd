using System.Reflection;
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

    private static readonly Func<LogEvent, bool> IsFromHost = Matching.FromSource("Microsoft.Extensions.Hosting");
    private static readonly Func<LogEvent, bool> IsFromServer = Matching.FromSource("Microsoft.AspNetCore.Server.Kestrel");

    /// <summary>Serilog itself would end the start with an exception that has the value and not the key.</summary>
    public static void CheckLevels(SettingsReader settings, IConfiguration configuration)
    {
        const string Section = "Serilog:MinimumLevel";
        foreach (var key in (IEnumerable<string>)[Section, $"{Section}:Default", .. settings.GetChildren($"{Section}:Override").Select(level => level.Key)])
        {
            // A name that begins with $ is one of Serilog:LevelSwitches.
            if (configuration[key] is { Length: > 0 } text && text[0] != '$' && !(Enum.TryParse<LogEventLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level)))
                settings.AddError(key, $"must be one of {string.Join(", ", Enum.GetNames<LogEventLevel>())}");
        }
    }

    public static void AddGatewayLogging(this WebApplicationBuilder builder)
    {
        // What passes here also goes to other providers: to the collector, if there is one, and not to the framework's console.
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(
            (services, logger) => ReadSettings(logger, services.GetRequiredService<IConfiguration>())
                .Filter.ByExcluding(Matching.FromSource(QuotesHeaders))
                .Filter.ByExcluding(line => line.Exception is null && IsFromHealthChecks(line))
                .Filter.With(new KestrelLogThrottle(services.GetRequiredService<TimeProvider>()))
                // Program reports this in one line.
                .Filter.ByExcluding(line => line.Exception is { } exception && (IsFromHost(line) || IsFromServer(line)) && ListenerSettings.IsListenFailure(exception))
                .WriteTo.Sink(new StandardOutput.Sink(new JsonLogFormatter())),
            preserveStaticLogger: true,
            writeToProviders: TelemetryOptions.Read(new SettingsReader(builder.Configuration)).SendsLogs);
    }

    private static LoggerConfiguration ReadSettings(LoggerConfiguration logger, IConfiguration configuration)
    {
        try
        {
            return logger.ReadFrom.Configuration(configuration, Known);
        }
        catch (Exception invalid) when (invalid is InvalidOperationException or ArgumentException or FormatException or IOException or TargetInvocationException)
        {
            throw new SettingsException(["Serilog: cannot be applied; check the names of level switches, sinks and assemblies in it"]);
        }
    }
}
