using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests;

/// <summary>A caller that disconnects before its request is read is neither a failure of the gateway nor a success.</summary>
public sealed class DisconnectTests
{
    private const int Calls = 20;

    [Theory]
    [InlineData("Content-Length: 100")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task Caller_resets_in_mid_body_Is_disconnected_in_audit_metrics_and_log(string framing)
    {
        await using var watched = await WatchedGateway.StartAsync();

        for (var call = 0; call < Calls; call++)
            await ResetInMidBodyAsync(watched.Gateway.Address, framing);

        await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total", ("problem", "disconnected"), ("caller", "test"), ("network", "12345678")) == Calls);
        await HttpClientExtensions.UntilAsync(() => Lines(watched, "WickrGateway.Requests").Count == Calls && Lines(watched, "WickrGateway.Audit").Count == Calls);
        var page = await watched.ScrapeAsync();
        Assert.Equal(Calls, page.Sum("wickr_gateway_calls_total"));
        Assert.All(Lines(watched, "WickrGateway.Audit"), line =>
        {
            Assert.Equal("disconnected", line.GetProperty("problem").GetString());
            Assert.False(line.TryGetProperty("status", out _));
            Assert.False(line.TryGetProperty("outcome", out _));
        });
        Assert.All(Lines(watched, "WickrGateway.Requests"), line => Assert.Equal(("disconnected", 499), (line.GetProperty("problem").GetString(), line.GetProperty("status").GetInt32())));
        Assert.Empty(Failures(watched));
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF\r\n")]
    [InlineData("80000000\r\nx")]
    [InlineData("7fffffff0\r\nx")]
    [InlineData("not-a-size\r\n")]
    public async Task Chunk_size_is_invalid_Returns_400_or_closes_and_logs_no_failure(string chunk)
    {
        await using var watched = await WatchedGateway.StartAsync();

        var response = await RawHttp.SendAsync(watched.Gateway.Address, [.. Head, "Transfer-Encoding: chunked"], chunk);

        Assert.Equal(400, response.Status);
        Assert.Equal("invalid-request", Problem.Of(response).Type);
        Assert.Empty(Failures(watched));
    }

    private static string[] Head => [$"POST {GatewayFixture.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json"];

    private static async Task ResetInMidBodyAsync(Uri gateway, string framing)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
        await socket.ConnectAsync(gateway.Host, gateway.Port);
        var head = string.Join("\r\n", [.. Head, "Host: gateway", framing, "Expect: 100-continue", "", ""]);
        await socket.SendAsync(Encoding.ASCII.GetBytes(head));
        // The gateway says when it begins to read the body.
        var buffer = new byte[1024];
        Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer)), StringComparison.Ordinal);
        await socket.SendAsync(Encoding.ASCII.GetBytes(framing.StartsWith('T') ? "20\r\n{\"suspend\":" : "{\"suspend\":"));
    }

    private static List<JsonElement> Lines(WatchedGateway watched, string source) =>
        [.. watched.Gateway.StandardOutput.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("source", out var name) && name.GetString() == source && (!line.TryGetProperty("route", out var route) || route.GetString() == "/networks/{networkId}/users/suspend-status"))];

    private static IEnumerable<string> Failures(WatchedGateway watched) =>
        watched.Gateway.StandardOutput.Where(line => !line.Contains("\"level\":\"Information\"", StringComparison.Ordinal));
}
