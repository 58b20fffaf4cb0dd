using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WickrSimulator.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("Simulator:Networks:123", "5")]
    [InlineData("Simulator:Networks:12345678", "many")]
    [InlineData("Simulator:Networks:12345678", "-1")]
    [InlineData("Simulator:Networks:12345678", "1000001")]
    [InlineData("Simulator:Credentials:0:AccessKeyId", "A")]
    [InlineData("Simulator:Credentials:0:SecretAccessKey", "S")]
    [InlineData("Simulator:Credentials:0:Secret", "S")]
    [InlineData("Simulator:Regions", "us-east-1")]
    [InlineData("urls", "https://127.0.0.1:0")]
    [InlineData("urls", "http://host:port")]
    [InlineData("urls", "http://localhost:0")]
    [InlineData("http_ports", "x")]
    public void Setting_that_is_wrong_Ends_the_start_naming_its_key(string key, string value)
    {
        var fault = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create([$"--{key}={value}"]));

        Assert.Contains(key.Split(':')[^1] is "AccessKeyId" or "SecretAccessKey" ? "Simulator:Credentials:0" : key, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_settings_are_told_at_once_and_no_secret_among_them()
    {
        var fault = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create(
            ["--Simulator:Networks:1=5", "--Simulator:Typo=1", "--Simulator:Credentials:0:SecretAccessKey=hushhush", "--Simulator:Credentials:0:Sesion=hushhush"]));

        Assert.All(["Simulator:Networks:1", "Simulator:Typo", "Simulator:Credentials:0: needs", "Simulator:Credentials:0:Sesion"],
            key => Assert.Contains(key, fault.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hushhush", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Access_key_that_stands_twice_Is_refused()
    {
        var fault = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create(
            ["--Simulator:Credentials:0:AccessKeyId=A", "--Simulator:Credentials:0:SecretAccessKey=S", "--Simulator:Credentials:1:AccessKeyId=A", "--Simulator:Credentials:1:SecretAccessKey=S"]));

        Assert.Contains("stands twice", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::1]:0")]
    public async Task Addresses_in_Kestrels_own_spelling_Are_taken(string urls)
    {
        await using var app = SimulatorApp.Create([$"--urls={urls}"]);

        Assert.Equal(urls, app.Configuration["urls"]);
    }

    [Fact]
    public async Task Two_simulators_in_one_process_Share_nothing()
    {
        await using var one = await SimulatorHost.StartAsync();
        await using var other = await SimulatorHost.StartAsync();

        using var answer = await one.ToggleAsync(true, ["1"]);

        Assert.True(await one.IsSuspendedAsync("1"));
        Assert.False(await other.IsSuspendedAsync("1"));
        Assert.Empty(await other.JournalAsync());
    }

    [Fact]
    public async Task Settings_file_that_lies_beside_it_Is_not_read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        await File.WriteAllTextAsync(file, """{"Simulator":{"Typo":1}} broken""");
        try
        {
            await using var simulator = await SimulatorHost.StartAsync();
            using var answer = await simulator.ToggleAsync(true, ["1"]);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Program_ends_with_1_and_a_message_for_a_wrong_setting()
    {
        var (code, output, error) = await RunAsync("--Simulator:Networks:12345678=many", null);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("Simulator:Networks:12345678: must be the number of users", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls")]
    [InlineData("ASPNETCORE_URLS")]
    public async Task Program_ends_with_1_and_one_line_for_a_busy_port(string how)
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)busy.LocalEndpoint).Port}";

        var (code, output, error) = how == "--urls" ? await RunAsync($"--urls={url}", null) : await RunAsync("", url);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(url, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string setting, string? environmentUrls)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SimulatorApp).Assembly.Location, setting]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("ASPNETCORE_HTTP_PORTS");
        start.Environment["ASPNETCORE_URLS"] = environmentUrls;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
