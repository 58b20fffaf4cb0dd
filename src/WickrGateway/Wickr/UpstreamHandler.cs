using System.Net;
using System.Net.Security;
using WickrGateway.Hosting;

namespace WickrGateway.Wickr;

/// <summary>The connections to Wickr and to STS: a verbatim pass-through, to which nothing is added and in which nothing is followed or decoded.</summary>
internal static class UpstreamHandler
{
    public static SocketsHttpHandler Create(WickrOptions options, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // Only the configured one: HTTPS_PROXY is for other programs on the host.
        UseProxy = options.Proxy is not null,
        Proxy = CreateProxy(options.Proxy),
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = CertificateRules.Create() },
        // Connections are closed from time to time so that a change of the host's addresses is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = WickrConnector.ConnectTimeout(options),
        ConnectCallback = connect,
        // In KiB.
        MaxResponseHeadersLength = 64,
    };

    /// <summary>A user and password in the URL are sent to the proxy only.</summary>
    private static WebProxy? CreateProxy(Uri? proxy)
    {
        if (proxy is null)
            return null;

        var user = proxy.UserInfo.Split(':', 2);
        return new WebProxy(proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped))
        {
            Credentials = user is [{ Length: > 0 } name, ..] ? new NetworkCredential(Uri.UnescapeDataString(name), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "") : null,
        };
    }
}
