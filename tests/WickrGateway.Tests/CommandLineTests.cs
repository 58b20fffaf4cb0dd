using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>The command line beside the settings: help, and what is neither a command nor a setting.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    [InlineData("--Wickr:Region=us-east-1", "--help")]
    public async Task Help_is_asked_for_Prints_the_usage_and_succeeds(params string[] arguments)
    {
        await using var gateway = GatewayProcess.Start([], arguments);

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Empty(gateway.StandardError);
        foreach (var part in (string[])["hash-key", "verify-audit", "doctor [--json]", "--Wickr:Region=us-east-1", "README.md"])
            Assert.Contains(gateway.StandardOutput, line => line.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hash-key", "--help")]
    [InlineData("verify-audit", "--help")]
    [InlineData("verify-audit", "-h")]
    public async Task Help_for_a_command_is_asked_for_Prints_its_usage_and_succeeds(params string[] arguments)
    {
        await using var gateway = GatewayProcess.Start([], arguments);

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.StartsWith($"usage: {arguments[0]} ", gateway.StandardOutput[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "hash-keys")]
    [InlineData(1, "verfy-audit", "x")]
    [InlineData(2, "--Wickr:Region=us-east-1", "hush-hush")]
    [InlineData(3, "--Wickr:Region", "us-east-1", "hush-hush")]
    [InlineData(1, "-x")]
    [InlineData(1, "-Wickr:Region=hush-hush")]
    [InlineData(1, "--")]
    [InlineData(1, "--=x")]
    [InlineData(1, "")]
    public async Task Argument_is_neither_a_command_nor_a_setting_Prints_the_usage_and_does_not_start(int position, params string[] arguments)
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), arguments);

        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Equal($"Argument {position} is neither a command nor a setting.", gateway.StandardError[0]);
        Assert.Contains(gateway.StandardError, line => line.Contains("verify-audit", StringComparison.Ordinal));
        Assert.Empty(gateway.StandardOutput);
        Assert.DoesNotContain("hush", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_has_no_value_Prints_the_usage_and_does_not_start()
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), ["--RateLimit:Burst"]);

        Assert.Equal(2, await gateway.ExitAsync());
        Assert.Equal("Argument 1 is a setting without a value.", gateway.StandardError[0]);
    }

    [Fact]
    public async Task Settings_in_every_form_of_the_framework_Are_read()
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), ["--RateLimit:Burst=71", "--RateLimit:PermitsPerSecond", "72", "/RateLimit:FailuresPerMinute=73", "/Wickr:MaxConcurrency", "74", "Wickr:QueueLimit=75"]);
        await gateway.ListeningAsync();

        Assert.Contains("72/s for each caller with a burst of 71, 73 failed authentications/min for each address, 74 calls at once and 75 waiting", gateway.Output, StringComparison.Ordinal);
    }
}
