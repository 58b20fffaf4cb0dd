using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WickrGateway.Hosting;

/// <summary>The files of a server certificate, as Kestrel's settings name them.</summary>
/// <param name="Path">PEM or PKCS #12. After the certificate a PEM file can have those of its authorities, which are sent with it.</param>
/// <param name="KeyPath">The private key in PEM; null when it is in <paramref name="Path"/>.</param>
/// <param name="Password">Of the key or the PKCS #12 file.</param>
internal sealed record CertificateFiles(string Path, string? KeyPath, string? Password)
{
    /// <param name="read">The value of a key, which is relative to <paramref name="section"/>; null when it is absent.</param>
    /// <returns>Null when the section names no file.</returns>
    public static CertificateFiles? Read(Func<string, string?> read, string section, string contentRoot) => read($"{section}:Path") is { } path
        ? new CertificateFiles(
            System.IO.Path.Combine(contentRoot, path),
            read($"{section}:KeyPath") is { } key ? System.IO.Path.Combine(contentRoot, key) : null,
            read($"{section}:Password"))
        : null;

    /// <summary>Whether a failure to load the files is theirs, and not the program's.</summary>
    public static bool IsUnreadable(Exception failure) => failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <exception cref="Exception">The files cannot be used; see <see cref="IsUnreadable"/>.</exception>
    public X509Certificate2 Load()
    {
        if (KeyPath is null)
        {
            return IsPkcs12()
                ? X509CertificateLoader.LoadPkcs12FromFile(Path, Password)
                : X509CertificateLoader.LoadCertificateFromFile(Path);
        }

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path);
        var (pem, key) = (certificate.ExportCertificatePem(), File.ReadAllText(KeyPath));
        return Password is null ? X509Certificate2.CreateFromPem(pem, key) : X509Certificate2.CreateFromEncryptedPem(pem, key, Password);
    }

    /// <summary>The certificate with those of its authorities that the files have, ready to be sent.</summary>
    /// <inheritdoc cref="Load"/>
    public SslStreamCertificateContext LoadWithAuthorities()
    {
        var certificate = Load();
        // Windows cannot use a key that is only in memory.
        if (OperatingSystem.IsWindows())
            certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);

        if (!certificate.HasPrivateKey)
            throw new CryptographicException("The certificate has no private key.");

        var authorities = new X509Certificate2Collection();
        if (IsPkcs12())
            authorities = X509CertificateLoader.LoadPkcs12CollectionFromFile(Path, Password);
        else
            authorities.ImportFromPemFile(Path);

        // Offline: a missing authority is not fetched from the internet.
        return SslStreamCertificateContext.Create(certificate, authorities, offline: true);
    }

    /// <summary>Of what the files have now; null when they cannot be read.</summary>
    public string? Hash()
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(File.ReadAllBytes(Path));
            if (KeyPath is not null)
                hash.AppendData(File.ReadAllBytes(KeyPath));

            return Convert.ToHexString(hash.GetHashAndReset());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool IsPkcs12() => X509Certificate2.GetCertContentType(Path) == X509ContentType.Pkcs12;
}
