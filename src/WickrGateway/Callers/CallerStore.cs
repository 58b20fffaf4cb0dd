using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;
using WickrGateway.Configuration;

namespace WickrGateway.Callers;

/// <summary>
/// The callers as they stand now: read again when the settings or the callers file change. What has a mistake in it is told and not taken;
/// the last good callers stay.
/// </summary>
internal sealed partial class CallerStore(CallerDirectory initial, IConfiguration configuration, ILogger<CallerStore> logger) : BackgroundService
{
    /// <summary>
    /// The callers file is looked at this often, by its content: a mounted ConfigMap or Secret changes by swapping a symbolic link two
    /// levels up, which file watchers do not see.
    /// </summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Settings files are read again by the framework a quarter of a second after a change; several changes in a row count as one.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _changed = new(0);
    private volatile CallerDirectory _current = initial;
    private readonly IReadOnlyList<JsonConfigurationSource> _files =
        [.. (configuration as IConfigurationRoot)?.Providers.OfType<JsonConfigurationProvider>().Select(provider => (JsonConfigurationSource)provider.Source).Where(Exists) ?? []];

    private string? _lastFaults;

    /// <summary>Take it once for each request: two looks may see two states.</summary>
    public CallerDirectory Current => _current;

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var registration = ChangeToken.OnChange(configuration.GetReloadToken, () => _changed.Release());
        // A file that does not load raises no change; nothing but the telling is added, so that nobody else takes the emptiness for settings.
        foreach (var source in _files)
            source.OnLoadException = _ => _changed.Release();

        var seen = Fingerprint();
        while (!stoppingToken.IsCancellationRequested)
        {
            var signalled = await _changed.WaitAsync(Period, stoppingToken);
            if (signalled)
                await Task.Delay(Settling, stoppingToken);

            while (_changed.Wait(0, CancellationToken.None))
                signalled = true;

            var now = Fingerprint();
            if (signalled || now != seen)
                Reload();

            seen = now;
        }
    }

    private void Reload()
    {
        var reader = new SettingsReader(configuration);
        TellBrokenFiles(reader);
        var directory = CallerDirectory.Read(reader);
        if (reader.Errors.Count == 0)
        {
            _current = directory;
            _lastFaults = null;
            Log.Reloaded(logger);
            return;
        }

        var faults = string.Join("; ", reader.Errors);
        if (faults != _lastFaults)
            Log.Kept(logger, faults);

        _lastFaults = faults;
    }

    /// <summary>A settings file that cannot be read counts as empty for the framework, and what others say would then stand alone.</summary>
    private void TellBrokenFiles(SettingsReader reader)
    {
        foreach (var source in _files)
        {
            try
            {
                using var stream = source.FileProvider!.GetFileInfo(source.Path!).CreateReadStream();
                // By the framework's own reading: a key that stands twice breaks a file too.
                _ = new ConfigurationBuilder().AddJsonStream(stream).Build();
            }
            catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                reader.AddError(source.Path!, $"cannot be read ({broken.GetType().Name})");
            }
        }
    }

    private static bool Exists(JsonConfigurationSource source) => source is { FileProvider: { } files, Path: { } path } && files.GetFileInfo(path).Exists;

    /// <summary>Of the callers file's content; null when there is none to be read.</summary>
    private string? Fingerprint()
    {
        try
        {
            return configuration["Auth:CallersFile"] is { Length: > 0 } path ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The callers were read again and count from now on")]
        public static partial void Reloaded(ILogger logger);

        [LoggerMessage(LogLevel.Error, "The callers were changed, but not rightly; the last good ones stay: {Faults}")]
        public static partial void Kept(ILogger logger, string faults);
    }
}
