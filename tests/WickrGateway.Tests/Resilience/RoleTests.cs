using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Roles: which one is assumed, where, as whom, how often, and what callers get when it cannot be.</summary>
public sealed class RoleTests : IAsyncDisposable
{
    private const string Role = "arn:aws:iam::111111111111:role/wickr";
    private const string OtherRole = "arn:aws:iam::222222222222:role/wickr-eu";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly ScriptedSts _sts;
    private readonly ScriptedUpstream _wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);
    private readonly TemporaryFiles _files = new();

    public RoleTests() => _sts = new ScriptedSts(_time);

    public async ValueTask DisposeAsync()
    {
        await _sts.DisposeAsync();
        await _wickr.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_role_Signs_with_a_session_of_its_own_named_after_the_caller()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role, ["Wickr:ExternalId"] = "external:1" });
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        var request = Assert.Single(_sts.Requests);
        Assert.Equal(("AssumeRole", Role, "external:1", "all-powerful", "3600"), (request["Action"], request["RoleArn"], request["ExternalId"], request["RoleSessionName"], request["DurationSeconds"]));
        Assert.DoesNotContain("SourceIdentity", request.Keys);
        Assert.Contains("/us-east-1/sts/aws4_request", _sts.Upstream.Received[0].Header("Authorization"), StringComparison.Ordinal);
        Assert.Equal(AwsEnvironment.AccessKeyId, _sts.Upstream.Received[0].AccessKeyId);
        Assert.Equal("ASIASESSION1", _wickr.Received.Single().AccessKeyId);
        Assert.Equal("token-of-session-1", _wickr.Received.Single().Header("X-Amz-Security-Token"));
    }

    [Theory]
    [InlineData("None", "wickr-gateway", null)]
    [InlineData("SessionName", "all-powerful", null)]
    [InlineData("SourceIdentity", "all-powerful", "all-powerful")]
    public async Task The_attribution_Decides_what_CloudTrail_shows(string attribution, string sessionName, string? sourceIdentity)
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role, ["Wickr:Attribution"] = attribution });
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Equal((sessionName, sourceIdentity), (_sts.Requests[0]["RoleSessionName"], _sts.Requests[0].GetValueOrDefault("SourceIdentity")));
    }

    [Fact]
    public async Task Each_network_Has_its_own_role_and_region_and_inherits_what_it_does_not_set()
    {
        await using var gateway = Start(new()
        {
            ["Wickr:RoleArn"] = Role,
            ["Wickr:ExternalId"] = "for-all",
            ["Wickr:Networks:22222222:Region"] = "eu-central-1",
            ["Wickr:Networks:22222222:RoleArn"] = OtherRole,
            ["Wickr:Networks:33333333:ExternalId"] = "for-three",
        });
        using var client = gateway.Client();
        foreach (var network in (string[])["11111111", "22222222", "33333333"])
            Assert.Equal("200", (await client.SuspendAsync(network: network)).Summary);

        Assert.Equal([(Role, "for-all"), (OtherRole, "for-all"), (Role, "for-three")], _sts.Requests.Select(request => (request["RoleArn"], request["ExternalId"])));
        Assert.Equal(["us-east-1", "eu-central-1", "us-east-1"], _sts.Upstream.Received.Select(request => request.Header("Authorization")!.Split('/')[2]));
        Assert.Equal(["us-east-1", "eu-central-1", "us-east-1"], _wickr.Received.Select(request => request.Header("Authorization")!.Split('/')[2]));
    }

    [Fact]
    public async Task Sessions_Are_kept_for_each_role_and_caller()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();
        using var other = gateway.Client(GatewayHost.LimitedKey);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("200", (await client.SuspendAsync()).Summary);
            Assert.Equal("200", (await other.SuspendAsync()).Summary);
        }

        Assert.Equal(["all-powerful", "limited"], _sts.Requests.Select(request => request["RoleSessionName"]));
    }

    [Fact]
    public async Task Calls_at_once_Share_one_request_to_STS()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.SuspendAsync()));

        Assert.All(responses, response => Assert.Equal("200", response.Summary));
        Assert.Single(_sts.Requests);
    }

    [Fact]
    public async Task A_session_Is_made_anew_before_it_expires_and_calls_do_not_wait_for_it()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role, ["Wickr:RoleDuration"] = "00:15:00" });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Equal("900", _sts.Requests[0]["DurationSeconds"]);
        var released = new TaskCompletionSource();
        _sts.Upstream.Then(async (_, _, stop) => await released.Task.WaitAsync(stop));

        _time.Advance(TimeSpan.FromMinutes(11));
        await HttpClientExtensions.UntilAsync(() => _sts.Requests.Count == 2);

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Equal(["ASIASESSION1", "ASIASESSION1"], _wickr.Received.Select(request => request.AccessKeyId));
        released.SetResult();
    }

    [Fact]
    public async Task A_session_that_nobody_uses_Is_dropped()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Contains("wickr_gateway_role_sessions{} 1", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(62));

        await HttpClientExtensions.UntilAsync(async () => (await client.GetStringAsync("/metrics")).Contains("wickr_gateway_role_sessions{} 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(403, "AccessDenied", "wickr-denied 502 not-applied")]
    [InlineData(400, "RegionDisabledException", "wickr-denied 502 not-applied")]
    [InlineData(503, "ServiceUnavailable", "wickr-unreachable 502 not-applied")]
    public async Task STS_refuses_or_fails_Callers_get_that_for_5_seconds_without_asking_again(int status, string code, string summary)
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();
        _sts.Upstream.Then(_ => ScriptedSts.Error(status, code));

        var responses = new List<GatewayResponse>();
        for (var i = 0; i < 3; i++)
            responses.Add(await client.SuspendAsync());

        Assert.All(responses, response => Assert.Equal(summary, response.Summary));
        Assert.All(responses, response => Assert.DoesNotContain("secret", response.Body, StringComparison.Ordinal));
        Assert.Single(_sts.Requests);
        Assert.Empty(_wickr.Received);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
    }

    [Fact]
    public async Task STS_does_not_respond_Callers_get_wickr_unreachable()
    {
        await using var gateway = GatewayHost.Start(_wickr.Address, Settings(new() { ["Wickr:RoleArn"] = Role, ["Wickr:AttemptTimeout"] = "00:00:01", ["Wickr:TotalTimeout"] = "00:00:02" }));
        using var client = gateway.Client();
        _sts.Upstream.ThenHang();

        Assert.Equal("wickr-unreachable 502 not-applied", (await client.SuspendAsync()).Summary);
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task STS_responds_later_than_a_call_can_wait_The_next_call_finds_the_session()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();
        var released = new TaskCompletionSource();
        _sts.Upstream.Then(async (stream, _, stop) =>
        {
            await released.Task.WaitAsync(stop);
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(_sts.Assume(_sts.Upstream.Received[0])), stop);
        });
        var impatient = client.SuspendAsync(timeout: "1");
        await HttpClientExtensions.UntilAsync(() => _sts.Requests.Count == 1);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("wickr-unreachable 502 not-applied", (await impatient).Summary);
        released.SetResult();

        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync()).Summary == "200");
        Assert.Single(_sts.Requests);
    }

    [Fact]
    public async Task An_exception_on_the_way_to_STS_Is_a_failure_for_5_seconds_and_not_for_ever()
    {
        var calls = 0;
        var session = new Wickr.RoleSession(TimeSpan.FromMinutes(20), () => calls++ == 0 ? throw new InvalidOperationException() : Task.FromResult(Wickr.RoleCredentials.Failed(Wickr.AttemptStatus.RoleRefused)), _time);

        Assert.Equal(Wickr.AttemptStatus.StsUnreachable, (await session.GetAsync(CancellationToken.None)).Failure);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Wickr.AttemptStatus.RoleRefused, (await session.GetAsync(CancellationToken.None)).Failure);
    }

    [Fact]
    public async Task Wickr_refuses_an_expired_session_It_is_made_anew_once()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role, ["Wickr:MaxAttempts"] = "3" });
        using var client = gateway.Client();
        _wickr.Then(403, """{"message":"expired"}""", "x-amzn-ErrorType: ExpiredTokenException");

        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Equal(["ASIASESSION1", "ASIASESSION2"], _wickr.Received.Select(request => request.AccessKeyId));
    }

    [Fact]
    public async Task Ready_Asks_for_the_gateways_own_credentials_only()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role });
        using var client = gateway.Client();

        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
        Assert.Empty(_sts.Requests);
    }

    [Fact]
    public async Task Both_audit_lines_Have_region_and_session()
    {
        await using var gateway = Start(new() { ["Wickr:RoleArn"] = Role, ["Audit:Path"] = _files.PathOf("audit.jsonl"), ["Wickr:Networks:22222222:Region"] = "eu-central-1" });
        using var client = gateway.Client();
        await client.SuspendAsync(network: "22222222");

        var lines = _files.Lines("audit.jsonl").Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["requested", "completed"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines, line => Assert.Equal(("eu-central-1", "all-powerful"), (line.GetProperty("region").GetString(), line.GetProperty("session").GetString())));
    }

    [Fact]
    public async Task No_role_Audit_has_the_region_and_no_session()
    {
        await using var gateway = Start(new() { ["Audit:Path"] = _files.PathOf("audit.jsonl") });
        using var client = gateway.Client();
        await client.SuspendAsync();

        Assert.All(_files.Lines("audit.jsonl"), line =>
        {
            Assert.Contains("\"region\":\"us-east-1\"", line, StringComparison.Ordinal);
            Assert.DoesNotContain("\"session\"", line, StringComparison.Ordinal);
        });
        Assert.Empty(_sts.Requests);
    }

    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("hr-sync_1+=,.@", "hr-sync_1+=,.@")]
    [InlineData("a", "a-ca978112ca1bbdca")]
    [InlineData("Personal/Büro", "Personal-B-ro-")]
    public void A_callers_name_Is_mapped_into_the_alphabet_of_STS(string caller, string expected)
    {
        var name = Wickr.RoleSessionKey.ToSessionName(caller);

        Assert.StartsWith(expected, name, StringComparison.Ordinal);
        Assert.Matches(@"\A[A-Za-z0-9_+=,.@-]{2,64}\z", name);
        Assert.Equal(name, Wickr.RoleSessionKey.ToSessionName(caller));
    }

    [Fact]
    public void Names_that_differ_only_in_what_STS_does_not_know_Stay_different()
    {
        var names = new[] { "a b", "a/b", "a:b", "a-b", new string('ä', 64), new string('ö', 64) }.Select(Wickr.RoleSessionKey.ToSessionName).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 2, 64));
    }

    private GatewayHost Start(Dictionary<string, string?> settings) => GatewayHost.Start(_wickr.Address, Settings(settings), _time);

    private Dictionary<string, string?> Settings(Dictionary<string, string?> settings) =>
        new(settings) { ["AWS_ENDPOINT_URL_STS"] = _sts.Upstream.Address.AbsoluteUri, ["Wickr:MaxAttempts"] = settings.GetValueOrDefault("Wickr:MaxAttempts") ?? "1" };
}
