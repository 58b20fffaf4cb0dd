using System.Net.Sockets;
using System.Text;

namespace WickrGateway.Tests.Hosting;

/// <summary>A response as it was on the wire.</summary>
internal sealed record RawResponse(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    public string? Header(string name) => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();
}

/// <summary>A caller that writes its own bytes, for requests that no HTTP library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends the head (lines without their ends) and the body, and reads until the gateway closes.</summary>
    public static Task<RawResponse> SendAsync(Uri server, string[] head, string body = "") => SendAsync(server, head, Encoding.UTF8.GetBytes(body));

    public static async Task<RawResponse> SendAsync(Uri server, string[] head, byte[] body)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, deadline.Token);
        var stream = client.GetStream();
        var start = Encoding.Latin1.GetBytes(string.Join("\r\n", [.. head, "Host: gateway", "Connection: close", "", ""]));
        var buffer = new MemoryStream();
        try
        {
            await stream.WriteAsync((byte[])[.. start, .. body], deadline.Token);
            await stream.CopyToAsync(buffer, deadline.Token);
        }
        catch (IOException)
        {
            // A server that refuses a body need not read it; the response came before the reset.
        }

        return Parse(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static RawResponse Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"no HTTP response: {text}");
        var lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim())).ToList();
        return new RawResponse(int.Parse(lines[0].Split(' ')[1]), headers, text[(end + 4)..]);
    }
}
