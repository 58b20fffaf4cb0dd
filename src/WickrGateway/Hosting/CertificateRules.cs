using System.Security.Cryptography.X509Certificates;

namespace WickrGateway.Hosting;

/// <summary>How the certificates of other servers are checked.</summary>
internal static class CertificateRules
{
    /// <summary>
    /// As .NET does it, but without fetching certificates that a server leaves out: that blocks the thread until a third party responds, and it
    /// may be the thread of a socket (see <see cref="SocketThreads"/>). A server must send its whole chain, as TLS wants it (RFC 8446, section 4.4.2).
    /// </summary>
    public static X509ChainPolicy Create() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
}
