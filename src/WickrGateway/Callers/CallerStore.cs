using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;
using WickrGateway.Configuration;
using WickrGateway.Observability;

namespace WickrGateway.Callers;

/// <summary>Holds the current callers and reloads them when the settings or the callers file change. An invalid change is logged and ignored.</summary>
internal sealed partial class CallerStore : BackgroundService
{
    /// <summary>Of the errors in one log line: a file of ten thousand callers can have as many.</summary>
    private const int MaxErrors = 10;

    /// <summary>
    /// How often the content of the callers file is polled. File watchers do not help: a mounted ConfigMap or Secret changes by replacing a
    /// symbolic link two levels up, which they miss.
    /// </summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>The framework reloads settings files 250 ms after a change. Waiting longer than that combines several changes into one reload.</summary>
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _changed = new(0);
    private readonly IConfiguration _configuration;
    private readonly ILogger<CallerStore> _logger;
    private readonly IReadOnlyList<JsonConfigurationSource> _settingsFiles;

    private volatile CallerDirectory _current;
    private volatile string? _lastErrors;

    public CallerStore(CallerDirectory initial, IConfiguration configuration, IMeterFactory meters, ILogger<CallerStore> logger)
    {
        (_current, _configuration, _logger) = (initial, configuration, logger);
        _settingsFiles = [.. (configuration as IConfigurationRoot)?.Providers.OfType<JsonConfigurationProvider>().Select(provider => (JsonConfigurationSource)provider.Source).Where(Exists) ?? []];
        meters.Create(GatewayMetrics.MeterName).CreateObservableGauge("wickr_gateway.callers.stale", () => IsStale ? 1 : 0, description: "1 while a changed callers configuration is invalid and the last valid callers stay in use.");
    }

    /// <summary>Read this once for each request: between two reads the callers may be reloaded.</summary>
    public CallerDirectory Current => _current;

    /// <summary>Whether the configuration has changed to an invalid one, so that <see cref="Current"/> is no longer what it says.</summary>
    public bool IsStale => _lastErrors is not null;

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var registration = ChangeToken.OnChange(_configuration.GetReloadToken, () => _changed.Release());
        // A file that fails to load raises no change. The exception is not marked as ignored, so that other readers do not take the empty result for settings.
        foreach (var source in _settingsFiles)
            source.OnLoadException = _ => _changed.Release();

        var lastHash = CallersFile.GetContentHash(_configuration);
        while (!stoppingToken.IsCancellationRequested)
        {
            var isSignaled = await _changed.WaitAsync(PollInterval, stoppingToken);
            if (isSignaled)
                await Task.Delay(SettleDelay, stoppingToken);

            while (_changed.Wait(0, CancellationToken.None))
                isSignaled = true;

            var hash = CallersFile.GetContentHash(_configuration);
            if (isSignaled || hash != lastHash)
                Reload();

            lastHash = hash;
        }
    }

    private void Reload()
    {
        var settings = new SettingsReader(_configuration);
        AddErrorsOfUnreadableFiles(settings);
        var directory = CallerDirectory.Read(settings);
        if (settings.Errors.Count == 0)
        {
            _current = directory;
            _lastErrors = null;
            Log.Reloaded(_logger);
            return;
        }

        var errors = string.Join("; ", settings.Errors.Take(MaxErrors)) + (settings.Errors.Count > MaxErrors ? $" and {settings.Errors.Count - MaxErrors} more" : "");
        if (errors != _lastErrors)
            Log.Invalid(_logger, errors);

        _lastErrors = errors;
    }

    /// <summary>The framework treats an unreadable settings file as empty. Without an error here, its callers would silently disappear.</summary>
    private void AddErrorsOfUnreadableFiles(SettingsReader settings)
    {
        foreach (var source in _settingsFiles)
        {
            try
            {
                using var stream = source.FileProvider!.GetFileInfo(source.Path!).CreateReadStream();
                // Parsed by the framework's own reader, because it also rejects duplicate keys.
                _ = new ConfigurationBuilder().AddJsonStream(stream).Build();
            }
            catch (Exception unreadable) when (unreadable is JsonException or FormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                settings.AddError(source.Path!, $"cannot be read ({unreadable.GetType().Name})");
            }
        }
    }

    private static bool Exists(JsonConfigurationSource source) => source is { FileProvider: { } files, Path: { } path } && files.GetFileInfo(path).Exists;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The callers were reloaded")]
        public static partial void Reloaded(ILogger logger);

        [LoggerMessage(LogLevel.Error, "The changed callers configuration is invalid; the last valid one stays in use, so a key or grant that was removed since then is still valid. Correct these errors: {Errors}")]
        public static partial void Invalid(ILogger logger, string errors);
    }
}
