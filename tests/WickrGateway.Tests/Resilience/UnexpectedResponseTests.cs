using System.Net;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Responses that are not part of Wickr's API: never a false success, and the call always ends.</summary>
public sealed class UnexpectedResponseTests
{
    public static TheoryData<string, string> NotKnown => new()
    {
        { "a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" },
        { "a permanent redirect", "HTTP/1.1 308 Permanent Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" },
        { "204", "HTTP/1.1 204 No Content\r\n\r\n" },
        { "201 with JSON", "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}" },
        { "200 without a body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "200 with HTML", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>" },
        { "200 with an array", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]" },
        { "200 with two objects", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}{}" },
        { "200 with half an object", "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"successful\":[" },
        { "200 with a coding", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}" },
        { "an over-long body by its length", "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n{" },
        { "an over-long body in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat($"10000\r\n{new string(' ', 65536)}\r\n", 20)) },
        { "HTTP/1.0 without a length", "HTTP/1.0 200 OK\r\n\r\n{}" },
        { "HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}" },
        { "a length besides chunks", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{}more\r\n0\r\n\r\n" },
        { "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}" },
        { "an unknown transfer coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n{}" },
        { "a flood of headers", "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 3000).Select(number => $"X-Flood-{number}: {new string('x', 40)}\r\n")) + "Content-Length: 2\r\n\r\n{}" },
        { "one endless header", $"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 200_000)}\r\nContent-Length: 2\r\n\r\n{{}}" },
        { "no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n\r\n" },
        { "a body in bad chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(NotKnown))]
    public async Task Response_is_not_part_of_the_API_Returns_wickr_failed_unknown(string what, string bytes)
    {
        await using var wickr = new ScriptedUpstream();
        for (var attempt = 0; attempt < 3; attempt++)
            wickr.ThenRawAndClose(bytes);

        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:AttemptTimeout"] = "00:00:02" });
        using var client = gateway.Client();

        var response = await client.SuspendAsync();

        Assert.True(response.Summary == "wickr-failed 502 unknown", $"{what}: {response.Summary}");
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")]
    public async Task Complete_200_in_any_framing_Returns_200(string bytes)
    {
        await using var wickr = new ScriptedUpstream().ThenRawAndClose(bytes);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        var response = await client.SuspendAsync();

        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.Equal("{}", response.Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}")]
    public async Task Response_has_no_recognizable_end_Returns_wickr_failed_without_waiting_for_it(string bytes)
    {
        await using var wickr = new ScriptedUpstream().ThenRaw(bytes);
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Interim_responses_never_end_Returns_wickr_failed_unknown()
    {
        await using var wickr = new ScriptedUpstream().Then(async (stream, _, stop) =>
        {
            while (!stop.IsCancellationRequested)
                await stream.WriteAsync("HTTP/1.1 102 Processing\r\n\r\n"u8.ToArray(), stop);
        });
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:MaxAttempts"] = "1", ["Wickr:AttemptTimeout"] = "00:00:00.5" });
        using var client = gateway.Client();

        Assert.Equal("wickr-failed 502 unknown", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task Body_never_ends_Returns_wickr_timeout_unknown()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var wickr = new ScriptedUpstream().Then(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), stop);
            // One byte more for each tenth of the attempt's time.
            for (var tenth = 0; tenth < 10; tenth++)
            {
                await stream.WriteAsync(" "u8.ToArray(), stop);
                time.Advance(TimeSpan.FromSeconds(0.5));
            }
        });
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Wickr:MaxAttempts"] = "1", ["Wickr:AttemptTimeout"] = "00:00:05" }, time);
        using var client = gateway.Client();

        Assert.Equal("wickr-timeout 504 unknown", (await client.SuspendAsync()).Summary);
    }
}
