using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>A start with invalid settings fails immediately and reports every error under its key.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Auth:Callers:app:ApiKeySha256:0", "the-key-itself")]
    [InlineData("Auth:Callers:app:Networks:0", "1234567")]
    [InlineData("Auth:Callers:app:Actions:0", "delete")]
    [InlineData("Auth:Callers:app:Secret", "hush-hush")]
    [InlineData("Wickr:Region", "nowhere")]
    [InlineData("Wickr:Endpoint", "http://user:hush-hush@wickr")]
    [InlineData("Wickr:UseFips", "perhaps")]
    [InlineData("Wickr:MaxAttempts", "eleven")]
    [InlineData("Wickr:AttemptTimeout", "5")]
    [InlineData("Wickr:TotalTimeout", "1.00:00:00")]
    [InlineData("Wickr:AttemptTimeOut", "2562047:47:17")]
    [InlineData("Wickr:Timeout", "00:00:05")]
    [InlineData("OpenApi:SwaggerUi", "maybe")]
    [InlineData("Serilog:MinimumLevel:Default", "Chatty")]
    [InlineData("Serilog:MinimumLevel:Override:Microsoft", "Chatty")]
    [InlineData("Serilog:MinimumLevel", "Chatty")]
    [InlineData("Kestrel:Certificates:Default:Path", "/no-such-directory/tls.pfx")]
    [InlineData("Kestrel:Endpoints:Https:Certificate:Path", "/no-such-directory/tls.crt")]
    [InlineData("Kestrel:Endpoints:Https:Sni:example.org:Certificate:Path", "/no-such-directory/tls.crt")]
    [InlineData("Kestrel:Endpoints:Https:Url", "localhost-without-scheme")]
    [InlineData("urls", "localhost-without-scheme")]
    [InlineData("urls", "ftp://localhost:8080")]
    [InlineData("urls", "http://127.0.0.1:65536")]
    [InlineData("urls", "http://127.0.0.1:port")]
    [InlineData("urls", "http://127.0.0.1:0/path-of-a-proxy")]
    [InlineData("urls", "localhost:5")]
    [InlineData("http_ports", "eighty-eighty")]
    [InlineData("http_ports", "99999")]
    [InlineData("Management:Port", "99999")]
    public async Task Invalid_setting_Ends_the_start_with_its_key_and_not_its_value(string key, string value)
    {
        await using var gateway = GatewayProcess.Start(new Dictionary<string, string>(GatewayProcess.MinimalSettings(), StringComparer.OrdinalIgnoreCase) { [key] = value });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.TrimStart().StartsWith($"{key}: ", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(gateway.StandardError.Concat(gateway.StandardOutput), line => line.Contains(value.Split('@')[0], StringComparison.Ordinal) && value.Length > 5);
        AssertShort(gateway);
    }

    [Fact]
    public async Task Several_settings_are_invalid_All_are_reported()
    {
        await using var gateway = GatewayProcess.Start(new()
        {
            ["Auth:Callers:app:ApiKeySha256:0"] = "not-a-hash",
            ["Auth:Callers:app:Networks:0"] = "all",
            ["Wickr:MaxAttempts"] = "0",
            ["Wickr:TotalTimeout"] = "20",
        });

        Assert.Equal(1, await gateway.ExitAsync());
        foreach (var key in (string[])["Auth:Callers:app:ApiKeySha256:0", "Auth:Callers:app:Networks:0", "Wickr:Region", "Wickr:MaxAttempts", "Wickr:TotalTimeout"])
            Assert.Contains(gateway.StandardError, line => line.Contains($"{key}: ", StringComparison.Ordinal));

        AssertShort(gateway);
    }

    [Fact]
    public async Task No_caller_is_configured_Start_fails()
    {
        await using var gateway = GatewayProcess.Start(new() { ["Wickr:Region"] = "us-east-1" });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.Contains("Auth:Callers: ", StringComparison.Ordinal));
        AssertShort(gateway);
    }

    [Fact]
    public async Task Port_is_in_use_Reports_one_line_with_the_option_that_changes_it()
    {
        var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;

        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--urls=http://127.0.0.1:{port}"]);

        Assert.Equal(1, await gateway.ExitAsync());
        var line = Assert.Single(gateway.StandardError);
        Assert.Contains($"{port}", line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
        AssertShort(gateway);
        busy.Stop();
    }

    [Fact]
    public async Task Management_port_is_in_use_Reports_one_line_with_its_key_alone()
    {
        var busy = new TcpListener(IPAddress.IPv6Any, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;

        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--Management:Port={port}"]);

        Assert.Equal(1, await gateway.ExitAsync());
        var line = Assert.Single(gateway.StandardError);
        Assert.Contains($"{port}", line, StringComparison.Ordinal);
        Assert.EndsWith("Check Management:Port.", line, StringComparison.Ordinal);
        AssertShort(gateway);
        busy.Stop();
    }

    [Fact]
    public async Task Any_working_directory_Settings_file_is_found()
    {
        // A copy of the program whose settings file has everything; no other settings are given.
        using var copy = new ProgramCopy();
        copy.Replace("\"Callers\": {}", $$"""
            "Callers": { "app": { "ApiKeySha256": ["{{GatewayHost.Sha256("k")}}"], "Networks": ["*"], "Actions": ["suspend"] } }
            """);
        copy.Replace("\"Region\": null", "\"Region\": \"us-east-1\"");
        await using var gateway = GatewayProcess.Start(new() { ["urls"] = "http://127.0.0.1:0" }, program: copy.Directory, workingDirectory: "/");
        using var client = new HttpClient { BaseAddress = await gateway.ListeningAsync() };

        using var response = await client.GetAsync("/healthz");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("no-header")]
    [InlineData("api-key=a,bad name=b")]
    [InlineData("api-key=line%0Abreak")]
    [InlineData("=value")]
    public async Task Header_for_the_collector_is_malformed_Ends_the_start_with_the_variable(string headers)
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_HEADERS"] = headers });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.TrimStart().StartsWith("OTEL_EXPORTER_OTLP_HEADERS: ", StringComparison.Ordinal));
        AssertShort(gateway);
    }

    [Theory]
    [InlineData("--urls=http://192.0.2.1:8080")]
    [InlineData("--urls=https://127.0.0.1:0")]
    [InlineData("--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0")]
    public async Task Server_cannot_listen_as_configured_Reports_one_line_that_names_the_settings(string argument)
    {
        var settings = GatewayProcess.MinimalSettings();
        settings.Remove("urls");
        await using var gateway = GatewayProcess.Start(settings, [argument]);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains("urls", Assert.Single(gateway.StandardError), StringComparison.Ordinal);
        Assert.Contains("Kestrel", Assert.Single(gateway.StandardError), StringComparison.Ordinal);
        AssertShort(gateway);
    }

    [Fact]
    public async Task Certificate_is_valid_Serves_https()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var files = Directory.CreateTempSubdirectory("tls-");
        try
        {
            var (pem, pemKey, pfx) = (Path.Combine(files.FullName, "tls.crt"), Path.Combine(files.FullName, "tls.key"), Path.Combine(files.FullName, "tls.pfx"));
            await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(pemKey, key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pfx, "secret"));
            foreach (var source in (Dictionary<string, string>[])
            [
                new() { ["Kestrel:Endpoints:Https:Certificate:Path"] = pem, ["Kestrel:Endpoints:Https:Certificate:KeyPath"] = pemKey },
                new() { ["Kestrel:Endpoints:Https:Certificate:Path"] = pfx, ["Kestrel:Endpoints:Https:Certificate:Password"] = "secret" },
            ])
            {
                var settings = new Dictionary<string, string>(GatewayProcess.MinimalSettings().Concat(source)) { ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0" };
                await using var gateway = GatewayProcess.Start(settings);
                await HttpClientExtensions.UntilAsync(() => gateway.HasExited || gateway.Output.Contains("Now listening on: https://127.0.0.1:", StringComparison.Ordinal));

                Assert.False(gateway.HasExited, gateway.Output);
            }

            await using var wrong = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0", ["Kestrel:Endpoints:Https:Certificate:Path"] = pfx, ["Kestrel:Endpoints:Https:Certificate:Password"] = "wrong" });

            Assert.Equal(1, await wrong.ExitAsync());
            Assert.Contains(wrong.StandardError, line => line.Contains("Kestrel:Endpoints:Https:Certificate:Path: ", StringComparison.Ordinal));
            AssertShort(wrong);
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Command_line_Overrides_the_environment()
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { ["Wickr:MaxAttempts"] = "eleven", ["urls"] = "http://127.0.0.1:0" }, ["--Wickr:MaxAttempts=1"]);

        Assert.Equal("127.0.0.1", (await gateway.ListeningAsync()).Host);
    }

    private static void AssertShort(GatewayProcess gateway)
    {
        Assert.InRange(gateway.StandardError.Count, 1, 12);
        Assert.All(gateway.StandardError, line => Assert.InRange(line.Length, 1, 300));
        Assert.DoesNotContain(gateway.StandardError.Concat(gateway.StandardOutput), line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }
}
