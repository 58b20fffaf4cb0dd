using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;

namespace WickrGateway.Configuration;

/// <summary>A part of the settings that changes while the gateway runs. It is read again when a settings file or its own file changes; an invalid change is logged and ignored.</summary>
/// <typeparam name="T">Immutable.</typeparam>
internal sealed partial class LiveSettings<T> : BackgroundService
    where T : class
{
    /// <summary>Of the errors in one log line: a file of ten thousand callers can have as many.</summary>
    private const int MaxErrors = 10;

    /// <summary>
    /// How often the content of the file is polled. File watchers do not help: a mounted ConfigMap or Secret changes by replacing a symbolic
    /// link two levels up, which they miss.
    /// </summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>The framework reloads settings files 250 ms after a change. Waiting longer than that combines several changes into one reload.</summary>
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _changed = new(0);
    private readonly string _name;
    private readonly Func<SettingsReader, T> _read;
    private readonly Func<string?> _hashFile;
    private readonly IConfiguration _configuration;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<JsonConfigurationSource> _settingsFiles;

    private volatile T _current;
    private volatile string? _lastErrors;

    /// <param name="name">For log messages, such as <c>callers</c>.</param>
    /// <param name="read">Adds errors to the reader; what it returns then is not used.</param>
    /// <param name="hashFile">The hash of a further file's content; null when there is none.</param>
    public LiveSettings(string name, T initial, Func<SettingsReader, T> read, Func<string?> hashFile, IConfiguration configuration, ILogger logger)
    {
        (_name, _current, _read, _hashFile, _configuration, _logger) = (name, initial, read, hashFile, configuration, logger);
        _settingsFiles = [.. (configuration as IConfigurationRoot)?.Providers.OfType<JsonConfigurationProvider>().Select(provider => (JsonConfigurationSource)provider.Source).Where(Exists) ?? []];
        // A file that fails to load raises no change. The exception is not marked as ignored, so that other readers do not take the empty result for settings.
        foreach (var source in _settingsFiles)
            source.OnLoadException += _ => _changed.Release();
    }

    /// <summary>Read this once for each request: it may change between two reads.</summary>
    public T Current => _current;

    /// <summary>Whether the settings have changed to invalid ones, so that <see cref="Current"/> is no longer what they say.</summary>
    public bool IsStale => _lastErrors is not null;

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var registration = ChangeToken.OnChange(_configuration.GetReloadToken, () => _changed.Release());
        var lastHash = _hashFile();
        while (!stoppingToken.IsCancellationRequested)
        {
            var isSignaled = await _changed.WaitAsync(PollInterval, stoppingToken);
            if (isSignaled)
                await Task.Delay(SettleDelay, stoppingToken);

            while (_changed.Wait(0, CancellationToken.None))
                isSignaled = true;

            var hash = _hashFile();
            if (isSignaled || hash != lastHash)
                Reload();

            lastHash = hash;
        }
    }

    private void Reload()
    {
        var settings = new SettingsReader(_configuration);
        AddErrorsOfUnreadableFiles(settings);
        var read = _read(settings);
        if (settings.Errors.Count == 0)
        {
            _current = read;
            _lastErrors = null;
            LogReloaded(_logger, _name);
            return;
        }

        var errors = string.Join("; ", settings.Errors.Take(MaxErrors)) + (settings.Errors.Count > MaxErrors ? $" and {settings.Errors.Count - MaxErrors} more" : "");
        if (errors != _lastErrors)
            LogInvalid(_logger, _name, errors);

        _lastErrors = errors;
    }

    /// <summary>The framework treats an unreadable settings file as empty. Without an error here, what it says would silently disappear.</summary>
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

    [LoggerMessage(LogLevel.Warning, "The {Settings} settings were reloaded")]
    private static partial void LogReloaded(ILogger logger, string settings);

    [LoggerMessage(
        LogLevel.Error,
        "The changed {Settings} settings are invalid; the last valid ones stay in use, so what was removed or forbidden since then is still allowed. Correct these errors: {Errors}")]
    private static partial void LogInvalid(ILogger logger, string settings, string errors);
}
