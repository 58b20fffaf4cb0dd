using System.Diagnostics;
using System.Text.Json;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests.Resilience;

/// <summary>Every source of AWS's default chain that a test can provide on loopback. The gateway is a process, because the chain reads the environment.</summary>
public sealed class CredentialsTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Container_endpoint_with_a_token_file_as_in_EKS_Pod_Identity_Signs_with_its_credentials()
    {
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.Json(number));
        await SignsWithAsync("AKID1", "token1", new()
        {
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/v1/credentials",
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = _files.Write("token", "pod-identity-token"),
        });
        Assert.Equal("GET /v1/credentials pod-identity-token", endpoint.Requests[0]);
    }

    [Fact]
    public async Task Web_identity_as_in_IRSA_Signs_with_its_credentials()
    {
        await using var sts = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.AssumeRole("AssumeRoleWithWebIdentity", number, TimeSpan.FromHours(1)));
        await SignsWithAsync("AKID1", "token1", new()
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _files.Write("jwt", "a.b.c"),
            ["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/r",
            ["AWS_ROLE_SESSION_NAME"] = "wickr-gateway",
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ENDPOINT_URL_STS"] = sts.Address,
        });
    }

    [Fact]
    public async Task Instance_metadata_Signs_with_its_credentials()
    {
        await using var metadata = await CredentialsEndpoint.StartAsync((request, number) => request.Path.Value switch
        {
            "/latest/api/token" => "metadata-token",
            { } path when path.EndsWith("/the-role", StringComparison.Ordinal) => CredentialsEndpoint.Json(number),
            _ => "the-role",
        });
        await SignsWithAsync("AKID1", "token1", new() { ["AWS_EC2_METADATA_DISABLED"] = "false", ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.Address });
        Assert.StartsWith("PUT /latest/api/token", metadata.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shared_profile_Signs_with_its_credentials() => await SignsWithAsync("AKIDPROFILE", "of-the-profile", new()
    {
        ["AWS_SHARED_CREDENTIALS_FILE"] = _files.Write("credentials", "[work]\naws_access_key_id=AKIDPROFILE\naws_secret_access_key=secret\naws_session_token=of-the-profile\n"),
        ["AWS_PROFILE"] = "work",
    });

    [Fact]
    public async Task Environment_variables_Sign_with_their_credentials() => await SignsWithAsync("AKIDENV", "of-the-environment", new()
    {
        ["AWS_ACCESS_KEY_ID"] = "AKIDENV",
        ["AWS_SECRET_ACCESS_KEY"] = "secret",
        ["AWS_SESSION_TOKEN"] = "of-the-environment",
    });

    [Fact]
    public async Task Single_sign_on_with_an_open_session_Signs_with_its_credentials()
    {
        await using var sso = await CredentialsEndpoint.StartAsync((_, number) =>
            $$"""{"roleCredentials":{"expiration":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds()}},"accessKeyId":"AKID{{number}}","secretAccessKey":"secret","sessionToken":"token{{number}}"} }""");
        var cache = Directory.CreateDirectory(Path.Combine(_files.Directory.FullName, ".aws", "sso", "cache"));
        // AWS names the file by the SHA-1 of the session's name, corp.
        await File.WriteAllTextAsync(
            Path.Combine(cache.FullName, "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"),
            $$"""{"accessToken":"sso-token","expiresAt":"{{CredentialsEndpoint.In(TimeSpan.FromHours(1))}}","region":"us-east-1","startUrl":"https://corp.awsapps.com/start"}""");
        await SignsWithAsync("AKID1", "token1", new()
        {
            ["HOME"] = _files.Directory.FullName,
            ["AWS_CONFIG_FILE"] = _files.Write("config", """
                [profile sso]
                sso_session = corp
                sso_account_id = 123456789012
                sso_role_name = wickr
                region = us-east-1
                [sso-session corp]
                sso_region = us-east-1
                sso_start_url = https://corp.awsapps.com/start
                sso_registration_scopes = sso:account:access
                """),
            ["AWS_PROFILE"] = "sso",
            ["AWS_ENDPOINT_URL_SSO"] = sso.Address,
        });
    }

    [Fact]
    public async Task No_credentials_Readyz_returns_503_with_what_was_tried_and_calls_return_wickr_denied()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, []);
        using var client = gateway.Client();

        using var ready = await client.GetAsync("/readyz");
        Assert.Equal(503, (int)ready.StatusCode);
        Assert.Contains("environment, profile and SSO, web identity, container, instance metadata", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync()).Summary);
        Assert.Empty(wickr.Received);
    }

    [Fact]
    public async Task Credentials_endpoint_hangs_Returns_wickr_denied_within_the_call()
    {
        await using var wickr = new ScriptedUpstream();
        await using var silent = new ScriptedUpstream().ThenHang().ThenHang().ThenHang().ThenHang();
        await using var gateway = await GatewayProcess.StartAsync(
            wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{silent.Address}creds" }, "--Wickr:AttemptTimeout=00:00:01");
        using var client = gateway.Client();

        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync()).Summary);
        Assert.Empty(wickr.Received);
    }

    [Fact]
    public async Task Credentials_are_about_to_expire_Are_replaced_and_every_call_succeeds()
    {
        // They are replaced after half of their time.
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.Json(number, number == 1 ? TimeSpan.FromSeconds(14) : null));
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });
        using var client = gateway.Client();

        await HttpClientExtensions.UntilAsync(async () =>
        {
            Assert.Equal("200", (await client.SuspendAsync()).Summary);
            return wickr.Received[^1].AccessKeyId == "AKID2";
        });
        Assert.Equal(2, endpoint.Issued);
    }

    [Fact]
    public async Task Credentials_are_about_to_expire_and_nobody_calls_Are_replaced_all_the_same()
    {
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.Json(number, number == 1 ? TimeSpan.FromSeconds(14) : null));
        await using var wickr = new ScriptedUpstream();
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });

        await HttpClientExtensions.UntilAsync(() => endpoint.Issued == 2, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Credentials_cannot_be_replaced_Are_used_to_their_very_end_and_each_call_does_not_ask_again()
    {
        var validFor = TimeSpan.FromSeconds(25);
        var issued = new Stopwatch();
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) =>
        {
            if (number != 1)
                return "{}";

            issued.Start();
            return CredentialsEndpoint.Json(number, validFor);
        });
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });
        using var client = gateway.Client();

        // A failed resolution asks five times. Wait for the second one, so that there has been time to forget what is known.
        await HttpClientExtensions.UntilAsync(async () =>
        {
            var response = await client.SuspendAsync();
            Assert.True(response.Summary == "200" || HasEnded(), $"{response.Summary} after {issued.Elapsed}");
            return endpoint.Requests.Count >= 7 || response.Summary != "200";
        });

        Assert.InRange(endpoint.Requests.Count, 2, 20);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("could not be refreshed", StringComparison.Ordinal));
        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync()).Summary == "wickr-denied 502 not-applied");
        Assert.True(HasEnded());

        // The time of the end has whole seconds.
        bool HasEnded() => issued.Elapsed > validFor - TimeSpan.FromSeconds(1.5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Temporary_credentials_Their_true_expiry_is_on_the_metrics_page(bool ofInstance)
    {
        await using var endpoint = await CredentialsEndpoint.StartAsync((request, _) => request.Path.Value switch
        {
            "/latest/api/token" => "metadata-token",
            { } path when path.EndsWith("/the-role", StringComparison.Ordinal) || path == "/creds" => CredentialsEndpoint.Json(1, TimeSpan.FromHours(6)),
            _ => "the-role",
        });
        await using var wickr = new ScriptedUpstream();
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, ofInstance
            ? new() { ["AWS_EC2_METADATA_DISABLED"] = "false", ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = endpoint.Address }
            : new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });
        using var client = gateway.Client();

        // There was no call yet, and no readiness probe.
        await HttpClientExtensions.UntilAsync(async () =>
            MetricsPage.Parse(await client.GetStringAsync("/metrics")).Sum("wickr_gateway_credentials_expiry_seconds") is > (6 * 3600) - 60 and <= 6 * 3600);
    }

    [Fact]
    public async Task Wickr_reports_expired_credentials_Refreshes_once_for_all_calls_and_each_is_sent_again()
    {
        const int Calls = 8;
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.Json(number));
        await using var wickr = new ScriptedUpstream();
        var together = new TaskCompletionSource();
        for (var call = 0; call < Calls; call++)
            wickr.ThenAfter(together.Task, 403, "{}", "x-amzn-ErrorType: ExpiredTokenException");

        wickr.ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });
        using var client = gateway.Client();
        var calls = Enumerable.Range(0, Calls).Select(call => client.SuspendAsync($"t:{call}")).ToList();
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == Calls);
        together.SetResult();

        Assert.All(await Task.WhenAll(calls), response => Assert.Equal("200", response.Summary));
        Assert.Equal(2 * Calls, wickr.Received.Count);
        Assert.All(wickr.Received.Skip(Calls), request => Assert.Equal("AKID2", request.AccessKeyId));
        Assert.Equal(2, endpoint.Issued);
    }

    [Fact]
    public async Task Wickr_reports_expired_credentials_twice_Returns_wickr_denied()
    {
        await using var endpoint = await CredentialsEndpoint.StartAsync((_, number) => CredentialsEndpoint.Json(number));
        await using var wickr = new ScriptedUpstream()
            .Then(403, "{}", "x-amzn-ErrorType: ExpiredTokenException")
            .Then(403, "{}", "x-amzn-ErrorType: ExpiredTokenException");
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{endpoint.Address}/creds" });
        using var client = gateway.Client();

        Assert.Equal("wickr-denied 502 not-applied", (await client.SuspendAsync()).Summary);
    }

    private static async Task SignsWithAsync(string accessKeyId, string sessionToken, Dictionary<string, string> environment)
    {
        await using var wickr = new ScriptedUpstream().Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, environment);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Equal(accessKeyId, wickr.Received.Single().AccessKeyId);
        Assert.Equal(sessionToken, wickr.Received.Single().Header("X-Amz-Security-Token"));
        Assert.Contains("x-amz-security-token", wickr.Received.Single().Header("Authorization"), StringComparison.Ordinal);
        Assert.DoesNotContain(sessionToken, gateway.Output, StringComparison.Ordinal);
        using var ready = JsonDocument.Parse(await client.GetStringAsync("/readyz"));
        Assert.Equal("ready", ready.RootElement.GetProperty("status").GetString());
    }
}
