using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WickrGateway.Tests.Hosting;

/// <summary>A certificate for <c>localhost</c> that is its own authority.</summary>
internal static class PrivateCertificate
{
    /// <param name="authority">Gets the certificate without the key, for clients that are to trust it.</param>
    public static X509Certificate2 Create(string authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(authority, certificate.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
