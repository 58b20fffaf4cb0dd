using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Users that must not be changed by accident.</summary>
public sealed class ProtectedUsersTests : IAsyncDisposable
{
    private const string MightyKey = "key-of-the-caller-with-protected";
    private const string OtherNetwork = "/networks/87654321/users/suspend-status";

    private readonly TemporaryFiles _files = new();
    private readonly GatewayFixture _fixture;

    public ProtectedUsersTests() => _fixture = new GatewayFixture(new()
    {
        ["Policy:Networks:12345678:ProtectedUserIds:0"] = "7",
        ["Policy:Networks:12345678:ProtectedUserIds:1"] = "9",
        ["Auth:Callers:mighty:ApiKeySha256:0"] = GatewayHost.Sha256(MightyKey),
        ["Auth:Callers:mighty:Networks:0"] = "*",
        ["Auth:Callers:mighty:Actions:0"] = "suspend",
        ["Auth:Callers:mighty:Actions:1"] = "protected",
        ["Audit:Path"] = _files.PathOf("audit.jsonl"),
    });

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_request_that_names_protected_users_Is_refused_whole_with_each_of_them(string suspend)
    {
        var problem = await _fixture.ProblemAsync($$"""{"suspend":{{suspend}},"userIds":["7","1","9","7"],"clientToken":"t:1"}""");

        Assert.Equal((403, "protected-user", "not-applied", "t:1"), (problem.Status, problem.Type, problem.Outcome, problem.ClientToken));
        Assert.Equal(["userIds[0]", "userIds[2]", "userIds[3]"], problem.Errors.Keys);
        Assert.Empty(_fixture.Wickr.Received);
        var line = JsonDocument.Parse(Assert.Single(_files.Lines("audit.jsonl"))).RootElement;
        Assert.Equal("protected-user", line.GetProperty("problem").GetString());
        Assert.Equal("""["7","9"]""", line.GetProperty("protectedUserIds").GetRawText());
    }

    [Theory]
    [InlineData(GatewayFixture.Path, """{"suspend":true,"userIds":["07","70","1"]}""")]
    [InlineData(OtherNetwork, """{"suspend":true,"userIds":["7"]}""")]
    public async Task Other_ids_and_the_same_id_in_another_network_Are_not_protected(string path, string body)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync(body, path);

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_caller_with_the_action_protected_May_change_them_but_only_as_it_was_granted()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);
        using var mighty = _fixture.Gateway.Client(MightyKey);

        using var suspended = await mighty.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["7"]}"""));
        using var unsuspended = await mighty.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":false,"userIds":["7"]}"""));

        Assert.Equal(200, (int)suspended.StatusCode);
        var problem = await Problem.OfAsync(unsuspended);
        Assert.Equal((403, "forbidden"), (problem.Status, problem.Type));
        Assert.Equal("""["suspend","protected"]""", JsonDocument.Parse(await mighty.GetStringAsync("/whoami")).RootElement.GetProperty("actions").GetRawText());
    }

    [Fact]
    public async Task The_action_Is_checked_before_and_the_suspend_limit_after()
    {
        await using var limited = new GatewayFixture(new()
        {
            ["Policy:Networks:12345678:ProtectedUserIds:0"] = "7",
            ["Policy:SuspendLimit:PerCaller"] = "1",
        });
        using var client = limited.Gateway.Client(GatewayHost.LimitedKey);

        using var action = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":false,"userIds":["7"]}"""));
        using var users = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["7","1","2"]}"""));
        using var limit = await client.PostAsync(GatewayFixture.Path, Json.Body("""{"suspend":true,"userIds":["1","2"]}"""));

        Assert.Equal("forbidden", (await Problem.OfAsync(action)).Type);
        Assert.Equal("protected-user", (await Problem.OfAsync(users)).Type);
        Assert.Equal("suspend-limit", (await Problem.OfAsync(limit)).Type);
    }

    [Fact]
    public async Task A_dry_run_Gets_the_same_refusal()
    {
        const string Body = """{"suspend":true,"userIds":["7"],"clientToken":"t:1"}""";
        var real = await _fixture.ProblemAsync(Body);
        var dry = await _fixture.ProblemAsync(Body, $"{GatewayFixture.Path}/dry-run");

        Assert.Equal((real.Type, real.Detail, real.Outcome, real.ClientToken), (dry.Type, dry.Detail, dry.Outcome, dry.ClientToken));
        Assert.Equal(real.Errors.Keys, dry.Errors.Keys);
    }

    [Fact]
    public async Task The_policy_Changes_while_the_gateway_runs_and_an_invalid_change_keeps_the_last_valid_one()
    {
        using var program = new ProgramCopy();
        var original = File.ReadAllText(program.SettingsFile);
        void Protect(string ids) => File.WriteAllText(
            program.SettingsFile, original.Replace("\"Audit\":", $$""" "Policy": { "Networks": { "12345678": { "ProtectedUserIds": [{{ids}}] } } }, "Audit": """, StringComparison.Ordinal));
        Protect("\"1\"");
        await using var wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, program.Directory, null);
        using var client = gateway.Client();
        Assert.Equal("protected-user 403 not-applied", (await client.SuspendAsync()).Summary);

        Protect("\"2\"");
        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync()).Summary == "200");

        Protect("\"1\", \"x\"");
        await HttpClientExtensions.UntilAsync(async () => (await client.GetStringAsync("/metrics")).Contains("\nwickr_gateway_policy_stale{} 1", StringComparison.Ordinal));
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Contains("degraded", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
        Assert.Contains("Policy:Networks:12345678:ProtectedUserIds:1", gateway.Output, StringComparison.Ordinal);

        Protect("\"1\"");
        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync()).Summary == "protected-user 403 not-applied");
    }
}
