using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Limits;
using WickrGateway.Tests.Telemetry;
using WickrSimulator;

namespace WickrGateway.Tests.Doctor;

/// <summary><c>doctor</c>: what each check finds, and that it says what to do.</summary>
public sealed class DoctorTests : IAsyncDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/wickr";

    private readonly WebApplication _simulator = SimulatorApp.Create(["--urls=http://127.0.0.1:0", "--Simulator:Networks:12345678=3", "--Simulator:Networks:22222222=3", $"--Simulator:Roles:0:Arn={Role}", "--Simulator:Roles:0:ExternalId=agreed", "--Simulator:Roles:0:Networks:0=22222222"]);
    private readonly TemporaryFiles _files = new();

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task All_is_well_Passes_each_check_and_sends_no_change()
    {
        var settings = await SettingsAsync();
        await using var collector = await Collector.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        settings["Wickr:Networks:22222222:RoleArn"] = Role;
        settings["Wickr:Networks:22222222:ExternalId"] = "agreed";
        settings["Audit:Path"] = _files.PathOf("audit.jsonl");
        settings["Limits:Redis"] = redis.Connection;
        settings["Management:Port"] = "0";
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.AbsoluteUri;

        var run = await DoctorRun.RunAsync(settings);

        Assert.True(run.Findings == "", run.Output);
        Assert.Equal((0, "pass"), (run.ExitCode, run.Report.Status));
        Assert.Equal(
            ["settings", "callers", "listen", "listen", "audit-file", "redis", "collector", "credentials", "host-name", "connection", "tls", "clock", "role", "network", "network"],
            run.Report.Checks.Select(check => check.Check));
        Assert.Equal("arn:aws:iam::123456789012:user/simulator, says STS in us-east-1", run.Of("credentials").Message);
        Assert.Equal(["12345678", "22222222"], run.Report.Checks.Where(check => check.Check == "network").Select(check => check.Subject));
        Assert.StartsWith("assumed as wickr-gateway-doctor", run.Of("role").Message, StringComparison.Ordinal);
        Assert.All(run.Report.Checks, check => Assert.Null(check.Remedy));
        Assert.Empty(Directory.EnumerateFiles(_files.Directory.FullName));
        Assert.Empty(collector.Paths);

        using var client = new HttpClient();
        var requests = await client.GetFromJsonAsync<JsonElement>(new Uri(SimulatorAddress, "/_simulator/requests"));
        // The one without a signature, which asks for the time and is refused.
        Assert.Equal(["MissingAuthenticationTokenException"], requests.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("errorType").GetString()));
    }

    [Fact]
    public async Task For_a_person_Prints_a_line_for_each_check_and_the_remedy_below()
    {
        var settings = await SettingsAsync();
        settings["Auth:Callers:app:Networks:0"] = "87654321";

        await using var doctor = GatewayProcess.Start(settings, ["doctor"]);

        Assert.Equal(2, await doctor.ExitAsync());
        Assert.Empty(doctor.StandardError);
        Assert.Equal("pass  settings: valid", doctor.StandardOutput[0]);
        var failure = doctor.StandardOutput.Single(line => line.StartsWith("fail", StringComparison.Ordinal));
        Assert.Equal("fail  network 87654321: Wickr in us-east-1 accepts the signature, but has no such network in this account (ResourceNotFoundError)", failure);
        Assert.StartsWith("      → Check the id", doctor.StandardOutput[doctor.StandardOutput.ToList().IndexOf(failure) + 1], StringComparison.Ordinal);
        Assert.Equal("11 passed, 0 warned, 1 failed, 0 skipped", doctor.StandardOutput[^1]);
    }

    [Fact]
    public async Task The_secret_is_wrong_STS_says_so_and_what_depends_on_it_is_skipped()
    {
        var settings = await SettingsAsync();
        settings["AWS_SECRET_ACCESS_KEY"] = "not-the-secret";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail credentials, skip network"), (run.ExitCode, run.Findings));
        Assert.Contains("SignatureDoesNotMatch", run.Of("credentials").Message, StringComparison.Ordinal);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", run.Of("credentials").Remedy, StringComparison.Ordinal);
        Assert.Equal(("skipped because credentials failed", "credentials"), (run.Of("network").Message, run.Of("network").SkippedBecause));
    }

    [Fact]
    public async Task The_secret_is_wrong_and_STS_cannot_be_reached_Wickr_says_so()
    {
        var settings = await SettingsAsync();
        settings["AWS_SECRET_ACCESS_KEY"] = "not-the-secret";
        settings["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "warn credentials, fail network"), (run.ExitCode, run.Findings));
        Assert.Contains("InvalidSignatureException", run.Of("network").Message, StringComparison.Ordinal);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", run.Of("network").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_access_key_is_unknown_Fails_with_where_to_look()
    {
        var settings = await SettingsAsync();
        settings["AWS_ACCESS_KEY_ID"] = "AKIDOFSOMEBODYELSE00";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail credentials, skip network"), (run.ExitCode, run.Findings));
        Assert.Contains("InvalidClientTokenId", run.Of("credentials").Message, StringComparison.Ordinal);
        Assert.Contains("AWS does not know the access key", run.Of("credentials").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_are_no_credentials_Names_the_sources()
    {
        var settings = await SettingsAsync();
        settings.Remove("AWS_ACCESS_KEY_ID");

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail credentials, skip network"), (run.ExitCode, run.Findings));
        Assert.Contains("web identity", run.Of("credentials").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_region_is_wrong_The_signature_is_refused_and_the_region_named()
    {
        var settings = await SettingsAsync();
        await using var sts = SimulatorApp.Create(["--urls=http://127.0.0.1:0", "--Simulator:Region=eu-central-1"]);
        await sts.StartAsync();
        settings["Wickr:Region"] = "eu-central-1";
        settings["AWS_ENDPOINT_URL_STS"] = sts.Urls.First();

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail network"), (run.ExitCode, run.Findings));
        Assert.Contains("Wickr in eu-central-1 refuses the credentials or the signature (InvalidSignatureException)", run.Of("network").Message, StringComparison.Ordinal);
        Assert.Contains("Wickr:Region", run.Of("network").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_region_is_misspelt_A_warning_says_that_AWS_has_no_such_one()
    {
        var settings = await SettingsAsync();
        settings["Wickr:Region"] = "us-esat-1";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("warn", run.Of("host-name").Status);
        Assert.Contains("no us-esat-1", run.Of("host-name").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "fail connection", "the connection is refused")]
    [InlineData("https://no-such-host.invalid", "fail host-name, skip connection", "name server")]
    public async Task Wickr_cannot_be_reached_Says_where_the_way_ends_and_skips_the_rest(string endpoint, string failure, string cause)
    {
        var settings = await SettingsAsync();
        settings["Wickr:Endpoint"] = endpoint;

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, $"{failure}, skip tls, skip clock, skip network"), (run.ExitCode, run.Findings));
        Assert.Contains(cause, run.Report.Checks.Single(check => check.Status == "fail").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wickr_accepts_connections_and_is_silent_Fails_within_the_time_of_an_attempt()
    {
        await using var silent = new ScriptedUpstream().ThenHang();
        var settings = await SettingsAsync();
        settings["Wickr:Endpoint"] = silent.Address.AbsoluteUri;
        settings["Wickr:AttemptTimeout"] = "00:00:01";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail tls, skip clock, skip network"), (run.ExitCode, run.Findings));
        Assert.Equal("no response within Wickr:AttemptTimeout (00:00:01)", run.Of("tls").Message);
    }

    [Fact]
    public async Task The_role_is_refused_Its_networks_are_skipped_and_the_others_are_not()
    {
        var settings = await SettingsAsync();
        settings["Wickr:Networks:22222222:RoleArn"] = Role;
        settings["Wickr:Networks:22222222:ExternalId"] = "another-external-id";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail role, skip network"), (run.ExitCode, run.Findings));
        Assert.Equal("STS refuses it (AccessDenied)", run.Of("role").Message);
        Assert.Contains("external id", run.Of("role").Remedy, StringComparison.Ordinal);
        Assert.Equal(("22222222", $"role {Role} in us-east-1"), run.Report.Checks.Where(check => check.Status == "skip").Select(check => (check.Subject, check.SkippedBecause)).Single());
    }

    [Fact]
    public async Task There_is_no_role_for_a_network_that_needs_one_Is_a_warning_about_its_permission()
    {
        var settings = await SettingsAsync();
        settings["Auth:Callers:app:Networks:0"] = "22222222";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((1, "warn network"), (run.ExitCode, run.Findings));
        Assert.Contains("AccessDeniedException", run.Of("network").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task STS_cannot_be_reached_A_role_fails_and_the_credentials_warn()
    {
        var settings = await SettingsAsync();
        settings["Wickr:RoleArn"] = Role;
        settings["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "warn credentials, fail role, skip network"), (run.ExitCode, run.Findings));
        Assert.Contains("could not be reached or failed", run.Of("role").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "AccessDeniedException", 1, "warn", "accepts the signature; the network may not be read")]
    [InlineData(403, "ForbiddenError", 1, "warn", "accepts the signature; the network may not be read")]
    [InlineData(403, "ExpiredTokenException", 2, "fail", "refuses the credentials")]
    [InlineData(401, "UnauthorizedError", 2, "fail", "refuses the credentials")]
    [InlineData(429, "RateLimitError", 1, "warn", "accepts no more requests")]
    [InlineData(500, "InternalServerError", 2, "fail", "fails (status 500, InternalServerError)")]
    [InlineData(302, "None", 2, "fail", "a response that Wickr's API does not have (status 302)")]
    [InlineData(404, "ResourceNotFoundError", 2, "fail", "no such network")]
    public async Task Wickr_responds_otherwise_Is_a_warning_or_a_failure(int status, string errorType, int exitCode, string expected, string message)
    {
        await using var wickr = new ScriptedUpstream().Then(403, "{}", Now()).Then(status, "{}", $"x-amzn-ErrorType: {errorType}");
        var settings = await SettingsAsync();
        settings["Wickr:Endpoint"] = wickr.Address.AbsoluteUri;

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((exitCode, $"{expected} network"), (run.ExitCode, run.Findings));
        Assert.Contains(message, run.Of("network").Message, StringComparison.Ordinal);
        Assert.NotNull(run.Of("network").Remedy);
        Assert.Equal(["GET / HTTP/1.1", "GET /networks/12345678/users/count HTTP/1.1"], wickr.Received.Select(request => request.RequestLine));
        Assert.Null(wickr.Received[0].Header("Authorization"));
        Assert.Null(wickr.Received[1].Header("X-Client-Token"));
    }

    [Fact]
    public async Task The_clock_is_off_Is_a_warning_and_the_signature_is_corrected_as_for_a_call()
    {
        var theirs = DateTimeOffset.UtcNow.AddMinutes(-20);
        await using var wickr = new ScriptedUpstream().Then(403, "{}", Date(theirs)).Then(403, "{}", "x-amzn-ErrorType: RequestTimeTooSkewed", Date(theirs)).Then(200, "{}", Date(theirs));
        var settings = await SettingsAsync();
        settings["Wickr:Endpoint"] = wickr.Address.AbsoluteUri;

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((1, "warn clock"), (run.ExitCode, run.Findings));
        Assert.Matches("^120[0-9] s ahead of Wickr's; ", run.Of("clock").Message);
        var signed = DateTimeOffset.ParseExact(wickr.Received[2].Header("X-Amz-Date")!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.InRange(signed, theirs.AddSeconds(-2), theirs.AddMinutes(5));
    }

    [Fact]
    public async Task The_clock_is_days_off_Fails()
    {
        await using var wickr = new ScriptedUpstream().Then(403, "{}", Date(DateTimeOffset.UtcNow.AddDays(3))).Then(200, "{}");
        var settings = await SettingsAsync();
        settings["Wickr:Endpoint"] = wickr.Address.AbsoluteUri;

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail clock"), (run.ExitCode, run.Findings));
        Assert.Contains("behind Wickr's, which is too far to be corrected", run.Of("clock").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_bad_Has_the_lines_of_a_failed_start_and_exits_with_2()
    {
        var settings = GatewayProcess.MinimalSettings();
        settings["RateLimit:Burst"] = "none";
        settings["Wickr:Region"] = "";
        await using var gateway = GatewayProcess.Start(settings);
        await gateway.ExitAsync();
        await using var doctor = GatewayProcess.Start(settings, ["doctor"]);

        Assert.Equal(2, await doctor.ExitAsync());

        Assert.Equal(3, gateway.StandardError.Count);
        Assert.Equal($"fail  settings: {gateway.StandardError[0]}", doctor.StandardOutput[0]);
        Assert.Equal(gateway.StandardError.Skip(1).Select(line => line.Trim()), doctor.StandardOutput.Skip(1).Take(2).Select(line => line.Trim()));
        Assert.Contains("skip  network: skipped because settings failed", doctor.StandardOutput);
    }

    [Fact]
    public async Task Settings_are_bad_For_a_program_Each_fault_is_a_detail()
    {
        var run = await DoctorRun.RunAsync(GatewayProcess.MinimalSettings(), "--Wickr:MaxAttempts=0", "--RateLimt:Burst=1");

        Assert.Equal((2, "fail"), (run.ExitCode, run.Report.Status));
        Assert.Equal(["Wickr:MaxAttempts: must be a whole number from 1 to 10", "RateLimt:Burst: is not a setting; there is no section RateLimt"], run.Of("settings").Details!);
        Assert.All(run.Report.Checks.Skip(1), check => Assert.Equal(("skip", "settings"), (check.Status, check.SkippedBecause)));
    }

    [Fact]
    public async Task The_settings_file_is_no_JSON_Fails_with_the_line()
    {
        using var program = new ProgramCopy();
        File.WriteAllText(program.SettingsFile, "{\n\"secret\": hush\n}");
        await using var doctor = GatewayProcess.Start(GatewayProcess.MinimalSettings(), ["doctor"], program.Directory);

        Assert.Equal(2, await doctor.ExitAsync());
        Assert.Contains("It is not valid JSON at line 2.", doctor.StandardOutput[0], StringComparison.Ordinal);
        Assert.DoesNotContain("hush", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_can_do_nothing_Names_them_and_why()
    {
        var settings = await SettingsAsync();
        settings["Auth:Callers:keyless:Subjects:0"] = "somebody";
        settings["Auth:Callers:keyless:Networks:0"] = "*";
        settings["Auth:Callers:keyless:Actions:0"] = "suspend";
        settings["Auth:Callers:powerless:ApiKeySha256:0"] = GatewayHost.Sha256("p");

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((1, "warn callers"), (run.ExitCode, run.Findings));
        Assert.Equal(
            ["without a credential, so that all their requests get 401 or 403: keyless", "without a grant, so that all their requests get 403: powerless"], run.Of("callers").Details!);
    }

    [Fact]
    public async Task No_network_is_named_The_signature_alone_is_checked_and_a_warning_says_how_to_check_more()
    {
        var settings = await SettingsAsync();
        settings["Auth:Callers:app:Networks:0"] = "*";

        var run = await DoctorRun.RunAsync(settings);
        var named = await DoctorRun.RunAsync(settings, "--Wickr:Networks:12345678:Region=us-east-1");

        Assert.Equal((1, "warn network"), (run.ExitCode, run.Findings));
        Assert.Equal("To check one: doctor --Wickr:Networks:YOUR_ID:Region=us-east-1", run.Of("network").Remedy);
        Assert.Equal((0, "12345678"), (named.ExitCode, named.Of("network").Subject));
    }

    [Fact]
    public async Task A_grant_names_a_network_without_a_region_Fails_as_its_calls_would()
    {
        var settings = await SettingsAsync();
        settings.Remove("Wickr:Region");
        settings["Wickr:Networks:22222222:Region"] = "us-east-1";
        settings["Wickr:Networks:22222222:RoleArn"] = Role;
        settings["Wickr:Networks:22222222:ExternalId"] = "agreed";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((2, "fail network"), (run.ExitCode, run.Findings));
        Assert.Contains("network-unknown", run.Report.Checks.Single(check => check.Subject == "12345678").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Very_many_networks_are_named_Twenty_are_checked_and_the_rest_is_counted()
    {
        var settings = await SettingsAsync();
        for (var network = 0; network < 30; network++)
            settings[$"Auth:Callers:app:Networks:{network}"] = $"1234{network:D4}";

        var run = await DoctorRun.RunAsync(settings);

        var networks = run.Report.Checks.Where(check => check.Check == "network").ToList();
        Assert.Equal(21, networks.Count);
        Assert.Equal("10 more networks are not checked; 20 are", networks[^1].Message);
    }

    [Fact]
    public async Task Collector_and_Redis_cannot_be_reached_Are_warnings_because_calls_succeed()
    {
        var settings = await SettingsAsync();
        settings["Limits:Redis"] = "127.0.0.1:1,connectTimeout=500";
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        settings["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = "http://no-such-host.invalid:4317";

        var run = await DoctorRun.RunAsync(settings);

        Assert.Equal((1, "warn redis, warn collector, warn collector"), (run.ExitCode, run.Findings));
        Assert.Contains("127.0.0.1:1 cannot be used: there is no connection", run.Of("redis").Message, StringComparison.Ordinal);
        Assert.Equal(["http://127.0.0.1:1", "http://no-such-host.invalid:4317"], run.Report.Checks.Where(check => check.Check == "collector").Select(check => check.Subject));
    }

    [Fact]
    public async Task Collector_Redis_STS_and_the_source_of_credentials_are_silent_Each_is_found_in_time()
    {
        var settings = await SettingsAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = silent.LocalEndpoint.ToString()!;
        settings["Limits:Redis"] = address;
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"https://{address}";
        settings["AWS_ENDPOINT_URL_STS"] = $"http://{address}";

        var run = await DoctorRun.RunAsync(settings);
        settings.Remove("AWS_ACCESS_KEY_ID");
        settings["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"http://{address}/";
        var withoutSource = await DoctorRun.RunAsync(settings);

        Assert.Equal((1, "warn redis, warn collector, warn credentials"), (run.ExitCode, run.Findings));
        Assert.EndsWith("could not say whose they are: no response in time", run.Of("credentials").Message, StringComparison.Ordinal);
        Assert.Equal((2, "warn redis, warn collector, fail credentials, skip network"), (withoutSource.ExitCode, withoutSource.Findings));
    }

    [Fact]
    public async Task Help_is_asked_for_Prints_the_usage_and_checks_nothing()
    {
        await using var doctor = GatewayProcess.Start([], ["doctor", "--help"]);

        Assert.Equal(0, await doctor.ExitAsync());
        Assert.StartsWith("usage: doctor [--json]", Assert.Single(doctor.StandardOutput), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--jsn")]
    [InlineData("hush-hush")]
    public async Task An_argument_is_wrong_Prints_the_usage_and_checks_nothing(string argument)
    {
        await using var doctor = GatewayProcess.Start(GatewayProcess.MinimalSettings(), ["doctor", argument]);

        Assert.Equal(2, await doctor.ExitAsync());
        Assert.Empty(doctor.StandardOutput);
        Assert.DoesNotContain("hush", doctor.Output, StringComparison.Ordinal);
    }

    private Uri SimulatorAddress => new(_simulator.Urls.First());

    private static string Now() => Date(DateTimeOffset.UtcNow);

    private static string Date(DateTimeOffset time) => $"Date: {time:R}";

    private async Task<Dictionary<string, string>> SettingsAsync()
    {
        await _simulator.StartAsync();
        return DoctorRun.Settings(SimulatorAddress);
    }
}
