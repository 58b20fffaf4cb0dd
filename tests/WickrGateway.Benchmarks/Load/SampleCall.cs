using System.Security.Cryptography;
using System.Text;

namespace WickrGateway.Benchmarks.Load;

/// <summary>The call that is sent to every server: a typical suspension.</summary>
internal static class SampleCall
{
    public const string ApiKey = "key-of-the-benchmark";
    public const string Path = "/networks/12345678/users/suspend-status";
    public const int DefaultIds = 5;

    public static string ApiKeySha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)));

    public static IReadOnlyList<(string Name, string Value)> Headers { get; } = [("Content-Type", "application/json"), ("X-Api-Key", ApiKey)];

    public static string Body(int ids) =>
        $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1234567, ids).Select(id => $"\"{id}\""))}}],"clientToken":"benchmark:4711"}""";

    /// <summary>The whole HTTP/1.1 request.</summary>
    public static byte[] Bytes(int ids)
    {
        var body = Body(ids);
        var headers = string.Concat(Headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        return Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");
    }
}
