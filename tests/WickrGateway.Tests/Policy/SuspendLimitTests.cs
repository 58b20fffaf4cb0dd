using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests.Policy;

/// <summary>How many distinct users may be suspended within a sliding window: by one caller, and in one network.</summary>
public sealed class SuspendLimitTests
{
    private const string OtherNetwork = "/networks/87654321/users/suspend-status";

    private static readonly Dictionary<string, string?> CallerLimit3 = new() { ["Policy:SuspendLimit:PerCaller"] = "3" };
    private static readonly Dictionary<string, string?> NetworkLimit3 = new() { ["Policy:SuspendLimit:PerNetwork"] = "3" };

    [Fact]
    public async Task A_request_that_would_go_over_Is_refused_whole_with_the_figures_and_no_Retry_After()
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        Assert.Equal("200", await SuspendAsync(rig, "1", "2"));

        using var response = await rig.PostAsync("""{"suspend":true,"userIds":["2","3","4","4"],"clientToken":"t:1"}""");
        var problem = await Problem.OfAsync(response);

        Assert.Equal((403, "suspend-limit", "not-applied", "t:1"), (problem.Status, problem.Type, problem.Outcome, problem.ClientToken));
        Assert.Equal("""{"scope":"caller","limit":3,"used":2,"requested":2,"window":"01:00:00"}""", problem.Limit);
        Assert.Null(response.Headers.RetryAfter);
        Assert.Single(rig.Wickr.Received);
        Assert.Equal("200", await SuspendAsync(rig, "2", "3"));
    }

    [Fact]
    public async Task The_detail_Says_what_an_operator_can_raise_and_when_there_is_room_again()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
        await using var rig = new GatewayFixture(new() { ["Policy:SuspendLimit:PerCaller"] = "3", ["Policy:SuspendLimit:PerNetwork"] = "4" }, time);
        await SuspendAsync(rig, "1");
        time.Advance(TimeSpan.FromMinutes(10));
        await SuspendAsync(rig, "2", "3");
        time.Advance(TimeSpan.FromMinutes(10));

        var caller = await rig.ProblemAsync(Body("4"));
        var caller2 = await rig.ProblemAsync(Body("1", "4", "5"));
        var tooMany = await rig.ProblemAsync(Body("4", "5", "6", "7"));
        using var limited = rig.Gateway.Client(GatewayHost.LimitedKey);
        using var response = await limited.PostAsync(GatewayFixture.Path, Json.Body(Body("4", "5")));
        var network = await Problem.OfAsync(response);

        Assert.Contains("This caller has suspended 3 of 3 users within 01:00:00, and this request has 1 more", caller.Detail, StringComparison.Ordinal);
        Assert.Contains("raise Auth:Callers:all-powerful:SuspendLimit or Policy:SuspendLimit:PerCaller. This limit has room for the request again at 2026-11-26T13:00:00Z.", caller.Detail, StringComparison.Ordinal);
        Assert.Contains("2026-11-26T13:10:00Z", caller2.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("has room", tooMany.Detail, StringComparison.Ordinal);
        Assert.Contains("The callers of this network have suspended 3 of 4 users", network.Detail, StringComparison.Ordinal);
        Assert.Contains("raise Policy:Networks:12345678:SuspendLimit or Policy:SuspendLimit:PerNetwork. This limit has room for the request again at 2026-11-26T13:00:00Z.", network.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_window_Slides()
    {
        var time = new FakeTimeProvider();
        await using var rig = new GatewayFixture(new(CallerLimit3) { ["Policy:SuspendLimit:Window"] = "00:10:00" }, time);
        await SuspendAsync(rig, "1", "2");
        time.Advance(TimeSpan.FromMinutes(6));
        await SuspendAsync(rig, "2", "3");

        Assert.Equal("suspend-limit", await SuspendAsync(rig, "4"));
        time.Advance(TimeSpan.FromMinutes(4));

        // User 1 is forgotten; user 2 was suspended again since.
        Assert.Equal("suspend-limit", await SuspendAsync(rig, "4", "5"));
        Assert.Equal("200", await SuspendAsync(rig, "4"));
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("200", await SuspendAsync(rig, "5", "6"));
        Assert.Equal("suspend-limit", await SuspendAsync(rig, "7"));
    }

    [Fact]
    public async Task Users_in_Wickrs_failed_Are_released()
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        rig.Wickr.Then(200, """{"successful":[{"userId":"1"}],"failed":[{"userId":"2","reason":"no"},{"userId":"3"}]}""");

        using var partial = await rig.PostAsync(Body("1", "2", "3"));

        Assert.Equal("200", await SuspendAsync(rig, "4", "5"));
        Assert.Equal("suspend-limit", await SuspendAsync(rig, "2"));
    }

    [Theory]
    [InlineData(422, true)]
    [InlineData(403, true)]
    [InlineData(429, true)]
    [InlineData(500, false)]
    public async Task Users_of_a_call_that_was_not_applied_Are_released_and_of_an_unknown_one_stay_counted(int status, bool isReleased)
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        rig.Wickr.Then(status, "{}");

        using var refused = await rig.PostAsync(Body("1", "2", "3"));

        Assert.Equal(isReleased ? "200" : "suspend-limit", await SuspendAsync(rig, "4", "5", "6"));
    }

    [Fact]
    public async Task Users_of_a_call_that_found_no_permit_Are_released()
    {
        await using var rig = new GatewayFixture(new(CallerLimit3) { ["Wickr:MaxConcurrency"] = "1", ["Wickr:QueueLimit"] = "0" });
        var released = new TaskCompletionSource();
        rig.Wickr.ThenAfter(released.Task, 200, GatewayFixture.Success);
        var first = rig.PostAsync(Body("1"));
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count == 1);

        Assert.Equal("overloaded", (await rig.ProblemAsync(Body("2", "3"))).Type);
        released.SetResult();
        (await first).Dispose();

        Assert.Equal("200", await SuspendAsync(rig, "4", "5"));
    }

    [Fact]
    public async Task Unsuspending_Is_never_limited_and_does_not_make_room()
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        await SuspendAsync(rig, "1", "2", "3");
        rig.Wickr.Then(200, GatewayFixture.Success);

        using var unsuspended = await rig.PostAsync("""{"suspend":false,"userIds":["1","2","3","4","5"]}""");

        Assert.Equal(200, (int)unsuspended.StatusCode);
        Assert.Equal("suspend-limit", await SuspendAsync(rig, "4"));
    }

    [Fact]
    public async Task PerCaller_Counts_over_all_networks_and_the_same_id_is_another_user_there()
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        await SuspendAsync(rig, "1", "2");
        rig.Wickr.Then(200, GatewayFixture.Success);

        Assert.Equal("suspend-limit", (await rig.ProblemAsync(Body("1", "2"), OtherNetwork)).Type);
        using var other = await rig.PostAsync(Body("1"), OtherNetwork);
        Assert.Equal(200, (int)other.StatusCode);
    }

    [Fact]
    public async Task PerNetwork_Counts_over_all_callers()
    {
        await using var rig = new GatewayFixture(NetworkLimit3);
        using var limited = rig.Gateway.Client(GatewayHost.LimitedKey);
        await SuspendAsync(rig, "1", "2");

        using var refused = await limited.PostAsync(GatewayFixture.Path, Json.Body(Body("2", "3", "4")));
        rig.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);
        using var allowed = await limited.PostAsync(GatewayFixture.Path, Json.Body(Body("2", "3")));
        using var elsewhere = await rig.PostAsync(Body("1", "2", "3"), OtherNetwork);

        Assert.Equal("""{"scope":"network","limit":3,"used":2,"requested":2,"window":"01:00:00"}""", (await Problem.OfAsync(refused)).Limit);
        Assert.Equal((200, 200), ((int)allowed.StatusCode, (int)elsewhere.StatusCode));
    }

    [Fact]
    public async Task Both_would_be_exceeded_The_callers_is_reported()
    {
        await using var rig = new GatewayFixture(new(CallerLimit3) { ["Policy:SuspendLimit:PerNetwork"] = "2" });

        var problem = await rig.ProblemAsync(Body("1", "2", "3", "4"));

        Assert.Contains("\"scope\":\"caller\"", problem.Limit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_a_caller_and_of_a_network_Override_the_general_ones_and_0_switches_off()
    {
        await using var rig = new GatewayFixture(new()
        {
            ["Policy:SuspendLimit:PerCaller"] = "1",
            ["Policy:SuspendLimit:PerNetwork"] = "0",
            ["Policy:Networks:12345678:SuspendLimit"] = "2",
            ["Auth:Callers:all-powerful:SuspendLimit"] = "0",
        });
        using var limited = rig.Gateway.Client(GatewayHost.LimitedKey);

        using var general = await limited.PostAsync(GatewayFixture.Path, Json.Body(Body("1", "2")));
        var network = await rig.ProblemAsync(Body("1", "2", "3"));
        rig.Wickr.Then(200, GatewayFixture.Success);
        using var unlimited = await rig.PostAsync(Body([.. Enumerable.Range(1, 50).Select(id => $"{id}")]), OtherNetwork);

        Assert.Contains("\"scope\":\"caller\",\"limit\":1,", (await Problem.OfAsync(general)).Limit, StringComparison.Ordinal);
        Assert.Contains("\"scope\":\"network\",\"limit\":2,", network.Limit, StringComparison.Ordinal);
        Assert.Equal(200, (int)unlimited.StatusCode);
        Assert.DoesNotContain("suspendedUsers", await rig.Client.GetStringAsync("/whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_at_once_Never_get_more_through_than_the_limit()
    {
        await using var rig = new GatewayFixture(new() { ["Policy:SuspendLimit:PerCaller"] = "10" });
        var released = new TaskCompletionSource();
        for (var i = 0; i < 10; i++)
            rig.Wickr.ThenAfter(released.Task, 200, GatewayFixture.Success);

        var calls = Enumerable.Range(1, 40).Select(id => rig.PostAsync(Body($"{id}"))).ToList();
        await HttpClientExtensions.UntilAsync(() => calls.Count(call => call.IsCompleted) == 30 && rig.Wickr.Received.Count == 10);
        released.SetResult();
        var responses = await Task.WhenAll(calls);

        Assert.Equal(10, responses.Count(response => (int)response.StatusCode == 200));
        Assert.Equal(30, responses.Count(response => (int)response.StatusCode == 403));
        Assert.Equal(10, rig.Wickr.Received.Count);
    }

    [Fact]
    public async Task A_dry_run_Has_the_figures_charges_nothing_and_gets_the_same_refusal()
    {
        await using var rig = new GatewayFixture(CallerLimit3);
        await SuspendAsync(rig, "1");

        using var allowed = await rig.PostAsync(Body("1", "2"), $"{GatewayFixture.Path}/dry-run");
        using var again = await rig.PostAsync(Body("3", "4"), $"{GatewayFixture.Path}/dry-run");
        using var unsuspend = await rig.PostAsync("""{"suspend":false,"userIds":["1"]}""", $"{GatewayFixture.Path}/dry-run");
        var dry = await rig.ProblemAsync(Body("2", "3", "4"), $"{GatewayFixture.Path}/dry-run");
        var real = await rig.ProblemAsync(Body("2", "3", "4"));

        Assert.Contains("\"suspendLimit\":{\"limit\":3,\"used\":1,\"after\":2}", await allowed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("\"suspendLimit\":{\"limit\":3,\"used\":1,\"after\":3}", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("suspendLimit", await unsuspend.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((real.Type, real.Limit, real.Outcome), (dry.Type, dry.Limit, dry.Outcome));
    }

    [Fact]
    public async Task Whoami_Has_the_callers_figures()
    {
        await using var rig = new GatewayFixture(new(CallerLimit3) { ["Policy:SuspendLimit:Window"] = "00:30:00" });
        await SuspendAsync(rig, "1", "2");

        var limits = JsonDocument.Parse(await rig.Client.GetStringAsync("/whoami")).RootElement.GetProperty("limits");

        Assert.Equal("""{"limit":3,"used":2,"window":"00:30:00"}""", limits.GetProperty("suspendedUsers").GetRawText());
    }

    [Fact]
    public async Task A_refusal_Is_in_the_audit_with_its_figures_and_has_no_requested_line()
    {
        using var files = new TemporaryFiles();
        await using var rig = new GatewayFixture(new(CallerLimit3) { ["Audit:Path"] = files.PathOf("audit.jsonl") });
        await rig.ProblemAsync(Body("1", "2", "3", "4"));

        var line = JsonDocument.Parse(Assert.Single(files.Lines("audit.jsonl"))).RootElement;
        Assert.Equal(("completed", "suspend-limit", "not-applied"), (line.GetProperty("event").GetString(), line.GetProperty("problem").GetString(), line.GetProperty("outcome").GetString()));
        Assert.Equal("""{"scope":"caller","limit":3,"used":0,"requested":4,"window":"01:00:00"}""", line.GetProperty("limit").GetRawText());
    }

    [Fact]
    public async Task A_refusal_Is_counted_and_logged_once_a_minute_for_each_caller()
    {
        await using var watched = await WatchedGateway.StartAsync(settings: ["--Policy:SuspendLimit:PerCaller=1", "--Policy:Networks:12345678:ProtectedUserIds:0=9"]);
        var before = await watched.ScrapeAsync();
        Assert.Equal(2, before.Samples.Count(sample => sample is { Name: "wickr_gateway_policy_refusals_total", Value: 0 }));

        await watched.CallAsync("""{"suspend":true,"userIds":["1","2"]}""");
        await watched.CallAsync("""{"suspend":true,"userIds":["1","2"]}""");
        await watched.CallAsync("""{"suspend":true,"userIds":["9"]}""");
        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_policy_refusals_total") == 3);

        Assert.Equal(2, page.Sum("wickr_gateway_policy_refusals_total", ("reason", "suspend-limit")));
        Assert.Equal(1, page.Sum("wickr_gateway_policy_refusals_total", ("reason", "protected-user")));
        await HttpClientExtensions.UntilAsync(() => watched.Gateway.Output.Contains("The policy refused a change of", StringComparison.Ordinal));
        Assert.Equal(2, watched.Gateway.Output.Split("The policy refused a change of").Length);
    }

    [Theory]
    [InlineData("Policy:SuspendLimit:PerCaller", "-1")]
    [InlineData("Policy:SuspendLimit:PerNetwork", "many")]
    [InlineData("Policy:SuspendLimit:Window", "0:00:00")]
    [InlineData("Policy:SuspendLimit:Window", "1")]
    [InlineData("Policy:SuspendLimit:PerUser", "1")]
    [InlineData("Policy:SuspendLimits:PerCaller", "1")]
    [InlineData("Policy:Networks:1234567:SuspendLimit", "1")]
    [InlineData("Policy:Networks:12345678:SuspendLimit", "1000001")]
    [InlineData("Policy:Networks:12345678:ProtectedUserIds:0", "alice")]
    [InlineData("Policy:Networks:12345678:ProtectedUsers:0", "1")]
    [InlineData("Auth:Callers:app:SuspendLimit", "1.5")]
    public void A_wrong_or_unknown_key_Ends_the_start_and_is_named(string key, string value)
    {
        var invalid = Assert.Throws<Configuration.SettingsException>(() => GatewayApp.Create([.. Minimal, $"--{key}={value}"]));

        Assert.Contains(invalid.Errors, error => key.StartsWith(error.Split(": ")[0], StringComparison.Ordinal));
        Assert.DoesNotContain("alice", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_1000_protected_users_End_the_start()
    {
        var ids = Enumerable.Range(0, 1001).Select(index => $"--Policy:Networks:12345678:ProtectedUserIds:{index}={index}");

        var invalid = Assert.Throws<Configuration.SettingsException>(() => GatewayApp.Create([.. Minimal, .. ids]));

        Assert.Equal(["Policy:Networks:12345678:ProtectedUserIds: must have at most 1000 ids"], invalid.Errors);
    }

    private static IEnumerable<string> Minimal => GatewayProcess.MinimalSettings().Where(setting => setting.Key.Contains(':', StringComparison.Ordinal)).Select(setting => $"--{setting.Key}={setting.Value}");

    /// <summary>Suspends the users at a Wickr that accepts everything.</summary>
    private static async Task<string> SuspendAsync(GatewayFixture rig, params string[] ids)
    {
        var received = rig.Wickr.Received.Count;
        rig.Wickr.Then(200, $$"""{"successful":[{{string.Join(',', ids.Select(id => $$"""{"userId":"{{id}}"}"""))}}],"failed":[]}""");
        using var response = await rig.PostAsync(Body(ids));
        if ((int)response.StatusCode == 200)
            return "200";

        Assert.Equal(received, rig.Wickr.Received.Count);
        var problem = await Problem.OfAsync(response);
        return problem.Type;
    }

    private static string Body(params string[] ids) => $$"""{"suspend":true,"userIds":["{{string.Join("\",\"", ids)}}"]}""";
}
