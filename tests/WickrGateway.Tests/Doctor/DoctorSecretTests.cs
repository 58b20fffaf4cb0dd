using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Doctor;

/// <summary>With a secret in every setting that can have one, none is printed: whether the checks pass or fail, and when the settings are bad.</summary>
public sealed class DoctorSecretTests
{
    private const string Mark = "hush-hush";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Every_check_fails_or_the_settings_are_bad_No_secret_is_printed(bool isBad, bool isJson)
    {
        using var files = new TemporaryFiles();
        // It repeats what it is sent, in headers and bodies, as an inspecting proxy or an error of AWS does.
        await using var echo = new ScriptedUpstream().ThenAlways(request =>
        {
            var quote = string.Join("; ", request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            var body = $$"""{"message":"{{quote}} {{request.BodyText}}","code":"{{quote}}"}""";
            return $"HTTP/1.1 403 {Mark}\r\nx-amzn-ErrorType: {quote}\r\nx-amzn-RequestId: {quote}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        });
        var settings = DoctorRun.Settings(echo.Address);
        settings["AWS_SECRET_ACCESS_KEY"] = $"{Mark}-secret";
        settings["AWS_SESSION_TOKEN"] = $"{Mark}-token";
        settings["Auth:CallersFile"] = files.Write("callers.json", $$$$"""{"Callers":{"filed":{"ApiKeySha256":["{{{{GatewayHost.Sha256("filed")}}}}"]}}}""");
        settings["Wickr:Networks:22222222:RoleArn"] = "arn:aws:iam::111111111111:role/wickr";
        settings["Wickr:Networks:22222222:ExternalId"] = $"{Mark}-external-id";
        settings["Wickr:Networks:33333333:Endpoint"] = $"{echo.Address}{Mark}-path";
        settings["Limits:Redis"] = $"127.0.0.1:1,connectTimeout=100,user={Mark}-user,password={Mark}-password";
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://user:{Mark}-password@127.0.0.1:1/{Mark}-path?key={Mark}";
        settings["OTEL_EXPORTER_OTLP_HEADERS"] = $"api-key={Mark}-header";
        settings["Kestrel:Endpoints:Api:Url"] = "http://127.0.0.1:0";
        settings["Kestrel:Certificates:Default:Password"] = $"{Mark}-certificate";
        settings["Authentication:Schemes:Bearer:ValidIssuer"] = "https://login.example.com";
        settings["Authentication:Schemes:Bearer:ValidAudiences:0"] = "wickr-gateway";
        settings["Authentication:Schemes:Bearer:SigningKeys:0:Issuer"] = "https://login.example.com";
        settings["Authentication:Schemes:Bearer:SigningKeys:0:Value"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{Mark}-signing-key-that-is-long-enough"));
        settings["Wickr:AttemptTimeout"] = "00:00:01";
        if (isBad)
        {
            settings["Wickr:Proxy"] = $"ftp://user:{Mark}-proxy@proxy.example.com";
            settings["RateLimit:Burst"] = $"{Mark}-burst";
            settings["Auth:Callers:app:ApiKeySha256:1"] = $"{Mark}-key-in-place-of-its-hash";
            settings["Limits:Redis"] = $"127.0.0.1:1,no-such-option={Mark},password={Mark}";
            settings["OTEL_EXPORTER_OTLP_HEADERS"] = $"{Mark}";
            settings["Wickr:ExternalId"] = $"{Mark} with spaces";
        }

        await using var doctor = GatewayProcess.Start(settings, isJson ? ["doctor", "--json"] : ["doctor"]);
        var exitCode = await doctor.ExitAsync();

        Assert.Equal(2, exitCode);
        Assert.Empty(doctor.StandardError);
        string[] secrets = [Mark, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Mark))[..8], AwsEnvironment.AccessKeyId, GatewayHost.Sha256("k"), GatewayHost.Sha256("filed"), "Signature="];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, doctor.Output, StringComparison.OrdinalIgnoreCase));
        if (!isBad)
            Assert.Contains("fail", doctor.Output, StringComparison.Ordinal);
    }
}
