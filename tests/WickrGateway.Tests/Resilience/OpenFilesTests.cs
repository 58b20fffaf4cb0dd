using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>A process that may open few files and sockets (<c>ulimit -n</c>).</summary>
public sealed class OpenFilesTests
{
    [Fact]
    public async Task Limit_is_too_low_to_start_Ends_with_one_line_that_says_so()
    {
        await using var gateway = GatewayProcess.Start([], openFiles: 128);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains("may open only 128 files", Assert.Single(gateway.StandardError), StringComparison.Ordinal);
        Assert.Empty(gateway.StandardOutput);
    }

    [Fact]
    public async Task Limit_is_lower_than_the_connections_need_Warns_closes_what_is_too_much_and_serves_the_others()
    {
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartWithOpenFilesAsync(wickr.Address, 600);
        Assert.Single(gateway.StandardOutput, line => line.Contains("may open only 600 files", StringComparison.Ordinal));
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync("t:before")).Summary);

        using (var flood = new Connections(gateway.Address))
        {
            await flood.SendAsync(600, "GET ");
            await HttpClientExtensions.UntilAsync(() => flood.CountClosed() > 500);
            Assert.Equal("200", (await client.SuspendAsync("t:during")).Summary);
        }

        using var newcomer = gateway.Client();
        await HttpClientExtensions.UntilAsync(async () => await IsServedAsync(newcomer));
        Assert.DoesNotContain(gateway.StandardOutput, line => line.Contains("\"level\":\"Error\"", StringComparison.Ordinal) || line.Contains("\"level\":\"Critical\"", StringComparison.Ordinal));
    }

    private static async Task<bool> IsServedAsync(HttpClient client)
    {
        try
        {
            return (await client.SuspendAsync("t:after")).Summary == "200";
        }
        catch (HttpRequestException)
        {
            // The flood's connections have not ended yet.
            return false;
        }
    }
}
