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
    public void An_invalid_setting_Fails_the_start_with_its_key(string key, string value)
    {
        var exception = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create([$"--{key}={value}"]));

        Assert.Contains(key.Split(':')[^1] is "AccessKeyId" or "SecretAccessKey" ? "Simulator:Credentials:0" : key, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_invalid_settings_Are_reported_at_once_without_values()
    {
        var exception = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create(
            ["--Simulator:Networks:1=5", "--Simulator:Typo=1", "--Simulator:Credentials:0:SecretAccessKey=hushhush", "--Simulator:Credentials:0:Sesion=hushhush"]));

        Assert.All(["Simulator:Networks:1", "Simulator:Typo", "Simulator:Credentials:0: AccessKeyId", "Simulator:Credentials:0:Sesion"],
            key => Assert.Contains(key, exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hushhush", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_duplicated_access_key_Is_refused()
    {
        var exception = Assert.Throws<SimulatorSettingsException>(() => SimulatorApp.Create(
            ["--Simulator:Credentials:0:AccessKeyId=A", "--Simulator:Credentials:0:SecretAccessKey=S", "--Simulator:Credentials:1:AccessKeyId=A", "--Simulator:Credentials:1:SecretAccessKey=S"]));

        Assert.Contains("is duplicated", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::1]:0")]
    public async Task Addresses_in_Kestrel_s_notation_Are_accepted(string urls)
    {
        await using var app = SimulatorApp.Create([$"--urls={urls}"]);

        Assert.Equal(urls, app.Configuration["urls"]);
    }

    [Fact]
    public async Task Two_simulators_in_one_process_Share_no_state()
    {
        await using var one = await SimulatorHost.StartAsync();
        await using var other = await SimulatorHost.StartAsync();

        using var response = await one.ToggleAsync(true, ["1"]);

        Assert.True(await one.IsSuspendedAsync("1"));
        Assert.False(await other.IsSuspendedAsync("1"));
        Assert.Empty(await other.RequestsAsync());
    }

    [Fact]
    public async Task An_appsettings_file_in_the_same_folder_Is_not_read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        await File.WriteAllTextAsync(file, """{"Simulator":{"Typo":1}} broken""");
        try
        {
            await using var simulator = await SimulatorHost.StartAsync();
            using var response = await simulator.ToggleAsync(true, ["1"]);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task An_invalid_setting_Ends_the_program_with_exit_code_1_and_a_message()
    {
        var (code, output, error) = await RunAsync("--Simulator:Networks:12345678=many", null);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("Simulator:Networks:12345678: must be the number of users", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls")]
    [InlineData("ASPNETCORE_URLS")]
    public async Task A_port_in_use_Ends_the_program_with_exit_code_1_and_one_line(string source)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        var (code, output, error) = source == "--urls" ? await RunAsync($"--urls={url}", null) : await RunAsync("", url);

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
