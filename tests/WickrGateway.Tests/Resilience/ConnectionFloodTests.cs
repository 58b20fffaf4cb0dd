using System.Globalization;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>With the shipped limits the gateway stays within the 256 MiB of the manifests, whatever its clients hold open.</summary>
public sealed class ConnectionFloodTests
{
    private const long MiB = 1024 * 1024;
    private const int Callers = 8;

    /// <summary>The share of the container's memory that .NET takes for its heap: 75 % of 256 MiB.</summary>
    private static readonly string HeapLimit = (192 * MiB).ToString("x", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Clients_hold_headers_bodies_and_bad_requests_Memory_stays_below_256_MiB_and_callers_are_served()
    {
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(
            wickr.Address,
            new() { ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey, ["DOTNET_GCHeapHardLimit"] = HeapLimit },
            ["--RateLimit:Concurrency=64", .. Enumerable.Range(0, Callers).SelectMany(CallerSettings)]);
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync("t:before")).Summary);

        // 500 of them are accepted: one address may have no more.
        using var headers = new Connections(gateway.Address);
        await headers.SendAsync(2_000, $"POST {GatewayFixture.Path} HTTP/1.1\r\nHost: x\r\n{Headers(15 * 1024)}", from: "127.0.0.2");

        // One byte short.
        using var bodies = new Connections(gateway.Address);
        for (var caller = 0; caller < Callers; caller++)
            await bodies.SendAsync(52, Head(KeyOf(caller), 64 * 1024) + new string(' ', (64 * 1024) - 1), from: "127.0.0.3");

        var badBody = $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Repeat("1", 30_000))}}]}""";
        using var bad = new Connections(gateway.Address);
        await bad.SendAsync(48, string.Concat(Enumerable.Repeat(Head(KeyOf(0), badBody.Length) + badBody, 4)), from: "127.0.0.4");

        Assert.Equal("200", (await client.SuspendAsync("t:during")).Summary);
        Assert.Equal(48, (await bad.ReceiveOnEachAsync()).Count(response => response.StartsWith("HTTP/1.1 4", StringComparison.Ordinal)));
        Assert.InRange(gateway.PeakResidentMemory(), 1, 256 * MiB);
    }

    [Fact]
    public async Task Connections_are_idle_or_half_sent_Idle_ones_stay_and_half_sent_ones_are_closed()
    {
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        using var idle = new Connections(gateway.Address);
        using var halfSent = new Connections(gateway.Address);
        await idle.OpenAsync(300);
        await halfSent.SendAsync(100, "POST /networks/12345678/users/suspend-status HTTP/1.1\r\nHost: x\r\nX-Half");

        Assert.Equal("200", (await client.SuspendAsync("t:during")).Summary);
        await HttpClientExtensions.UntilAsync(() => halfSent.CountClosed() == 100, GatewayProcess.Timeout);
        Assert.Equal(0, idle.CountClosed());
    }

    private static string Headers(int bytes) => string.Concat(Enumerable.Range(0, 60).Select(number => $"X-{number:00}: {new string('x', (bytes / 60) - 8)}\r\n"));

    private static string Head(string key, int length) =>
        $"POST {GatewayFixture.Path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n";

    private static string KeyOf(int caller) => $"key-of-caller-{caller}";

    private static string[] CallerSettings(int caller) =>
        [$"--Auth:Callers:caller{caller}:ApiKeySha256:0={GatewayHost.Sha256(KeyOf(caller))}", $"--Auth:Callers:caller{caller}:Networks:0=*", $"--Auth:Callers:caller{caller}:Actions:0=suspend"];
}
