using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WickrGateway.Tests.Hosting;

/// <summary>
/// A certificate of an intermediate authority and its key in files, as Kubernetes mounts a Secret: the files are links through
/// <c>..data</c>, and one rename of that link replaces both.
/// </summary>
internal sealed class MountedCertificate : IDisposable
{
    private readonly TemporaryFiles _files = new();
    private int _version;

    public MountedCertificate(string name)
    {
        Renew(name);
        File.CreateSymbolicLink(Path, "..data/tls.crt");
        File.CreateSymbolicLink(KeyPath, "..data/tls.key");
    }

    public string Path => _files.PathOf("tls.crt");

    public string KeyPath => _files.PathOf("tls.key");

    /// <summary>Replaces both files at once by those of a new certificate with this name.</summary>
    public void Renew(string name)
    {
        var (certificate, key) = Create(name);
        Replace(certificate, key);
    }

    /// <summary>Replaces both files at once.</summary>
    public void Replace(string certificate, string key)
    {
        var folder = $"..{++_version}";
        Directory.CreateDirectory(_files.PathOf(folder));
        _files.Write($"{folder}/tls.crt", certificate);
        _files.Write($"{folder}/tls.key", key);
        Shell.Run(_files.Directory, $"ln -s {folder} ..data_tmp && mv -T ..data_tmp ..data");
    }

    /// <summary>The certificate with that of its authority, and the key, in PEM.</summary>
    public static (string Certificate, string Key) Create(string name)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var authorityRequest = new CertificateRequest($"CN=authority of {name}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        // Signed by a root that no file has, as an intermediate authority is.
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = authorityRequest.Create(new X500DistinguishedName("CN=root"), X509SignatureGenerator.CreateForECDsa(rootKey), from, to, [1]);

        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), from, to, RandomNumberGenerator.GetBytes(8));
        return ($"{certificate.ExportCertificatePem()}\n{authority.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The subjects of the certificates that the server sends, its own first, to a client that connects anew.</summary>
    public static async Task<string[]> SentByAsync(Uri server)
    {
        string[] sent = [];
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            var others = chain!.ChainPolicy.ExtraStore.Select(other => other.Subject).Where(subject => subject != certificate!.Subject);
            sent = [certificate!.Subject, .. others];
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return sent;
    }

    public void Dispose() => _files.Dispose();
}
