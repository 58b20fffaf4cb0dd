using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WickrGateway.Tests.Hosting;

/// <summary>The signature of a received request by AWS's specification, computed from the request's bytes alone.</summary>
internal static class SigV4
{
    public static string Sign(ReceivedRequest request, string region, string service, string secretKey)
    {
        var target = request.RequestLine.Split(' ')[1].Split('?');
        var names = request.Header("Authorization")!.Split("SignedHeaders=")[1].Split(',')[0];
        var date = request.Header("X-Amz-Date")!;
        // Each segment of the path is escaped again, as for every service except S3.
        var path = target[0].Replace("%", "%25", StringComparison.Ordinal);
        var canonical = new StringBuilder($"PATCH\n{path}\n{target[1]}\n");
        foreach (var name in names.Split(';'))
            canonical.Append(CultureInfo.InvariantCulture, $"{name}:{request.Header(name)}\n");

        canonical.Append(CultureInfo.InvariantCulture, $"\n{names}\n{Hex(SHA256.HashData(request.Body))}");
        var scope = $"{date[..8]}/{region}/{service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{secretKey}"), (derived, part) => HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
