using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using WickrSimulator.Signing;

namespace WickrSimulator.Tests;

/// <summary>A request that a test can change before and after it is signed.</summary>
internal sealed class RequestBuilder
{
    public string Method { get; set; } = "PATCH";

    public string Path { get; set; } = "/";

    public string Query { get; set; } = "";

    public string Body { get; set; } = "";

    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    public string AccessKeyId { get; set; } = SimulatorDefaults.AccessKeyId;

    public string SecretAccessKey { get; set; } = SimulatorDefaults.SecretAccessKey;

    public DateTimeOffset SignedAt { get; set; } = TimeProvider.System.GetUtcNow();

    public string Region { get; set; } = "us-east-1";

    public string Service { get; set; } = "wickr";

    /// <summary>Changes the request after it is signed.</summary>
    public Action<HttpRequestMessage>? AfterSigning { get; set; }

    public HttpRequestMessage Build(Uri address)
    {
        var timestamp = SignedAt.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var signed = new Dictionary<string, string>(Headers, StringComparer.Ordinal) { ["host"] = address.Authority, ["x-amz-date"] = timestamp };
        var scope = $"{timestamp[..8]}/{Region}/{Service}/aws4_request";
        var canonical = SigV4.CanonicalRequest(
            new SignedRequest(Method, Path, Query, signed.ToDictionary(header => header.Key, header => new[] { header.Value }, StringComparer.Ordinal), Encoding.UTF8.GetBytes(Body)),
            signed.Keys);
        var signature = SigV4.Signature(SecretAccessKey, scope, SigV4.StringToSign(canonical, timestamp, scope));

        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(address, Query.Length == 0 ? Path : $"{Path}?{Query}")) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in signed.Where(header => header.Key != "host"))
            request.Headers.TryAddWithoutValidation(name, value);

        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{scope}, SignedHeaders={string.Join(';', signed.Keys.Order(StringComparer.Ordinal))}, Signature={signature}");
        AfterSigning?.Invoke(request);
        return request;
    }
}
