using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

public sealed class StandardOutputTests
{
    private const int Calls = 20;

    [Fact]
    public async Task Standard_output_that_is_full_Costs_lines_but_no_answer_and_not_the_gateway()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        await using var wickr = new ScriptedUpstream();
        for (var call = 0; call < Calls; call++)
            wickr.Then(200, "{}");

        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        using var gateway = Start(address, wickr.Address);
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            client.DefaultRequestHeaders.Add("X-Api-Key", GatewayHost.AllPowerfulKey);
            await HttpClientExtensions.UntilAsync(() => IsUpAsync(client).GetAwaiter().GetResult());

            // Long enough for lines that wait to fall due between two calls.
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var call = 0; call < Calls; call++)
            {
                using var answer = await client.PostAsync("/networks/12345678/users/suspend-status", Json.Body("""{"suspend":true,"userIds":["1"]}"""));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                await pause.WaitForNextTickAsync();
            }

            Assert.False(gateway.HasExited);
        }
        finally
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync();
        }
    }

    private static Process Start(Uri address, Uri wickr)
    {
        var start = new ProcessStartInfo("sh", ["-c", "exec dotnet \"$@\" > /dev/full", "sh", Path.Combine(AppContext.BaseDirectory, "WickrGateway.dll"), $"--urls={address}"]) { UseShellExecute = false };
        start.Environment["Wickr__Region"] = "us-east-1";
        start.Environment["Wickr__Endpoint"] = wickr.AbsoluteUri;
        start.Environment["Auth__Callers__test__ApiKeySha256__0"] = GatewayHost.Sha256(GatewayHost.AllPowerfulKey);
        start.Environment["Auth__Callers__test__Networks__0"] = "*";
        start.Environment["Auth__Callers__test__Actions__0"] = "suspend";
        return Process.Start(start)!;
    }

    private static async Task<bool> IsUpAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/healthz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
