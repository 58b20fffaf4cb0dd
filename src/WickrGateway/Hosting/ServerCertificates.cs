using System.Collections.Concurrent;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace WickrGateway.Hosting;

/// <summary>
/// The server's certificates, read again when their files change. Kestrel itself would stop the listener for that: for seconds it would refuse
/// connections, and then abort the calls under way. Here only new connections get the new certificate.
/// </summary>
internal sealed class ServerCertificates(ILogger<ServerCertificates> logger, TimeProvider time) : BackgroundService
{
    /// <summary>How often the files are polled. A mounted Secret changes by replacing a link two levels up, which file watchers miss.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<CertificateFiles, ServerCertificate> _certificates = new();

    /// <summary>Makes new connections use the files' certificate.</summary>
    public void Use(HttpsConnectionAdapterOptions https, CertificateFiles files)
    {
        var certificate = _certificates.GetOrAdd(files, added => new ServerCertificate(added, logger));
        https.OnAuthenticate = (_, options) => options.ServerCertificateContext = certificate.Current;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var certificate in _certificates.Values)
                    certificate.Poll();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host would log this as a failure when the server could not start.
        }
    }
}

/// <summary>One certificate and the state of its files.</summary>
internal sealed partial class ServerCertificate(CertificateFiles files, ILogger logger)
{
    private volatile SslStreamCertificateContext _current = files.LoadWithAuthorities();
    private string? _loaded = files.Hash();
    private string? _previous;
    private string? _refused;

    public SslStreamCertificateContext Current => _current;

    /// <summary>Loads the files when they have changed, and have been the same for two polls: certificate and key may be written one after the other.</summary>
    public void Poll()
    {
        var hash = files.Hash() ?? "unreadable";
        var isSettled = hash == _previous;
        _previous = hash;
        if (!isSettled || hash == _loaded || hash == _refused)
            return;

        try
        {
            // Connections that are open still use the old one, so it is not disposed.
            _current = files.LoadWithAuthorities();
            (_loaded, _refused) = (hash, null);
            Log.Reloaded(logger, files.Path, _current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception unreadable) when (CertificateFiles.IsUnreadable(unreadable))
        {
            _refused = hash;
            Log.Refused(logger, files.Path, _current.TargetCertificate.NotAfter.ToUniversalTime(), unreadable.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The certificate was reloaded from {Path}; it is valid until {NotAfter:u}")]
        public static partial void Reloaded(ILogger logger, string path, DateTime notAfter);

        [LoggerMessage(
            LogLevel.Error,
            "The changed certificate cannot be used ({ExceptionType}), so the old one stays in use; it is valid until {NotAfter:u}. Correct {Path} and its key: both must be readable and belong together")]
        public static partial void Refused(ILogger logger, string path, DateTime notAfter, string exceptionType);
    }
}
