using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>A misspelt section must not be ignored: it may be the one that limits or audits something.</summary>
public sealed class UnknownSettingsTests
{
    [Theory]
    [InlineData("--Audits:Path=/var/audit.jsonl", "Audits:Path: ")]
    [InlineData("--Wikcr:MaxAttempts=1", "Wikcr:MaxAttempts: ")]
    [InlineData("--RateLimits:Burst=1", "RateLimits:Burst: ")]
    [InlineData("--PathBse=/wickr", "PathBse: ")]
    public async Task On_the_command_line_Ends_the_start_with_one_message_that_names_the_key(string argument, string key)
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [argument]);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.StartsWith(key, Assert.Single(gateway.StandardError.Skip(1)).TrimStart(), StringComparison.Ordinal);
        Assert.DoesNotContain(argument, gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_settings_file_Ends_the_start_with_one_message_for_each_section()
    {
        using var copy = new ProgramCopy();
        copy.Replace("\"PathBase\": null,", """
            "$schema": "https://example.org", "Kestrel": {}, "AllowedHosts": "*", "Logging": {}, "Audits": { "Path": "hush-hush", "MaxFileBytes": 1 }, "Limit": { "Deep": { "Er": 1 } },
            """);
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), program: copy.Directory);

        Assert.Equal(1, await gateway.ExitAsync());
        var lines = gateway.StandardError.Skip(1).Select(line => line.Trim()).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, line => line.StartsWith("Audits:", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("Limit:Deep:Er: ", StringComparison.Ordinal));
        Assert.DoesNotContain("hush-hush", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_file_is_malformed_Ends_the_start_with_one_line_that_names_the_file()
    {
        using var copy = new ProgramCopy();
        copy.Replace("\"PathBase\": null,", "\"PathBase\": hush-hush,");
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), program: copy.Directory);

        Assert.Equal(1, await gateway.ExitAsync());
        var line = Assert.Single(gateway.StandardError);
        Assert.Contains("appsettings.json", line, StringComparison.Ordinal);
        Assert.Contains("line 2", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_environment_Is_one_warning_with_the_names_of_the_variables()
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings())
        {
            ["Audits__Path"] = "hush-hush",
            ["ASPNETCORE_RateLimits__Burst"] = "1",
            ["npm_config__x"] = "1",
            ["ASPNETCORE_Kestrel__AddServerHeader"] = "false",
            ["DOTNET_Logging__Console__X"] = "1",
            ["__CF_USER"] = "1",
        });
        await gateway.ListeningAsync();

        var warning = Assert.Single(gateway.StandardOutput, line => line.Contains("\"level\":\"Warning\"", StringComparison.Ordinal) && line.Contains("__", StringComparison.Ordinal));
        foreach (var name in (string[])["Audits__Path", "ASPNETCORE_RateLimits__Burst", "npm_config__x"])
            Assert.Contains(name, warning, StringComparison.Ordinal);

        foreach (var name in (string[])["hush-hush", "Kestrel__", "DOTNET_", "Auth__", "CF_USER"])
            Assert.DoesNotContain(name, warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_the_host_Are_known()
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), ["--environment=Production", "--applicationName=WickrGateway", "--shutdownTimeoutSeconds=30", "--detailedErrors=false", "--AllowedHosts=*", "--Logging:LogLevel:Default=None", "--Kestrel:AddServerHeader=false", "--FORWARDEDHEADERS_ENABLED=true", "--OTEL_SERVICE_NAME=x", "--AWS_REGION=us-east-1"]);

        Assert.Equal("127.0.0.1", (await gateway.ListeningAsync()).Host);
    }
}
