using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Bulk;

/// <summary>A bulk request is checked whole, by the same checks as a single one, before its first batch.</summary>
public sealed class BulkCheckTests
{
    [Fact]
    public async Task Five_thousand_users_Are_accepted_and_one_more_is_refused()
    {
        await using var rig = new GatewayFixture(new() { ["Policy:SuspendLimit:PerCaller"] = "0", ["Policy:SuspendLimit:PerNetwork"] = "0" });
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);

        var accepted = await BulkResponse.SendAsync(rig.Client, BulkResponse.Body(Enumerable.Range(1, 5000)));
        var refused = await rig.ProblemAsync(BulkResponse.Body(Enumerable.Range(1, 5001)), BulkResponse.Path);

        Assert.Equal(100, accepted.Batches.Count);
        Assert.Equal(5000, accepted.Summary.GetProperty("users").GetInt32());
        Assert.Equal(("invalid-request", 400), (refused.Type, refused.Status));
        Assert.Equal("must have 1 to 5000 ids, has 5001", refused.Errors["userIds"].Single());
        Assert.Equal(100, rig.Wickr.Received.Count);
    }

    [Fact]
    public async Task A_repeated_id_Is_an_error_that_names_both_places()
    {
        await using var rig = new GatewayFixture();

        var problem = await rig.RefusedAsync("""{"suspend":true,"userIds":["1","2","01","2","1"]}""", BulkResponse.Path);

        Assert.Equal(["userIds[3]", "userIds[4]"], problem.Errors.Keys);
        Assert.Equal("is the same as userIds[1]; each id may be there once", problem.Errors["userIds[3]"].Single());
    }

    [Fact]
    public async Task All_ids_Are_checked_and_at_most_100_messages_are_reported()
    {
        await using var rig = new GatewayFixture();

        var one = await rig.RefusedAsync($$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, 4999).Select(id => $"\"{id}\""))}},"x"]}""", BulkResponse.Path);
        var many = await rig.RefusedAsync($$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, 5000).Select(id => $"\"x{id}\""))}}]}""", BulkResponse.Path);

        Assert.Equal(["userIds[4999]"], one.Errors.Keys);
        Assert.Equal(100, many.Errors.Sum(field => field.Value.Length));
        Assert.Equal("4901 more errors are left out", many.Errors["$"].Single());
    }

    [Fact]
    public async Task A_body_of_256_KiB_Is_read_and_a_larger_one_refused_and_the_single_request_keeps_its_64_KiB()
    {
        await using var rig = new GatewayFixture();
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);

        Assert.Equal(200, (await rig.RawAsync(BulkResponse.Path, Padded(256 * 1024))).Status);
        Assert.Equal(413, (await rig.RawAsync(BulkResponse.Path, Padded((256 * 1024) + 1))).Status);
        Assert.Equal(200, (await rig.RawAsync(GatewayFixture.Path, Padded(64 * 1024))).Status);
        Assert.Equal(413, (await rig.RawAsync(GatewayFixture.Path, Padded((64 * 1024) + 1))).Status);
    }

    [Fact]
    public async Task A_chunked_body_in_small_chunks_Is_read_up_to_256_KiB()
    {
        await using var rig = new GatewayFixture();
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);
        var body = Padded(256 * 1024);
        var chunks = new StringBuilder();
        for (var at = 0; at < body.Length; at += 64)
            chunks.Append("40\r\n").Append(body, at, 64).Append("\r\n");

        var response = await RawHttp.SendAsync(
            rig.Gateway.Address, [$"POST {BulkResponse.Path} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json", "Transfer-Encoding: chunked"], $"{chunks}0\r\n\r\n");

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData("/networks/87654321/users/suspend-status/bulk", """{"suspend":true,"userIds":["1"]}""", "forbidden 403 ")]
    [InlineData("/networks/12345678/users/suspend-status/bulk", """{"suspend":false,"userIds":["1"]}""", "forbidden 403 not-applied")]
    [InlineData("/networks/1/users/suspend-status/bulk", """{"suspend":true,"userIds":["1"]}""", "invalid-request 400 ")]
    public async Task Grants_and_rules_Hold_as_for_a_single_request(string path, string body, string expected)
    {
        await using var rig = new GatewayFixture();
        using var client = rig.Gateway.Client(GatewayHost.LimitedKey);

        using var response = await client.PostAsync(path, Json.Body(body));

        Assert.Equal(expected, new GatewayResponse(response.StatusCode, await response.Content.ReadAsStringAsync(), response).Summary);
        Assert.Empty(rig.Wickr.Received);
    }

    [Fact]
    public async Task Protected_users_and_the_suspend_limit_Refuse_the_whole_list_before_the_first_batch()
    {
        await using var rig = new GatewayFixture(new() { ["Policy:SuspendLimit:PerCaller"] = "100", ["Policy:Networks:12345678:ProtectedUserIds:0"] = "77" });

        var isProtected = await rig.ProblemAsync(BulkResponse.Body(Enumerable.Range(1, 90)), BulkResponse.Path);
        var tooMany = await rig.ProblemAsync(BulkResponse.Body(Enumerable.Range(100, 101)), BulkResponse.Path);

        Assert.Equal(("protected-user", "not-applied"), (isProtected.Type, isProtected.Outcome));
        Assert.Equal(["userIds[76]"], isProtected.Errors.Keys);
        Assert.Equal(("suspend-limit", """{"scope":"caller","limit":100,"used":0,"requested":101,"window":"01:00:00"}"""), (tooMany.Type, tooMany.Limit));
        Assert.Empty(rig.Wickr.Received);
    }

    [Fact]
    public async Task What_was_not_sent_or_failed_Is_released_from_the_suspend_limit()
    {
        await using var rig = new GatewayFixture(new() { ["Policy:SuspendLimit:PerCaller"] = "200" });
        rig.Wickr.Then(200, $$"""{"successful":[{{string.Join(',', Enumerable.Range(1, 49).Select(id => $$"""{"userId":"{{id}}"}"""))}}],"failed":[{"userId":"50"}]}""").Then(500, "{}").ThenAlways(200, """{"successful":[],"failed":[]}""");

        var stopped = await BulkResponse.SendAsync(rig.Client, BulkResponse.Body(Enumerable.Range(1, 200)));
        Assert.Equal("wickr-failed", stopped.Summary.GetProperty("stopped").GetString());

        // 49 successful ones and the 50 of the unknown batch count.
        Assert.Contains("\"used\":99,", await rig.Client.GetStringAsync("/whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_third_run_of_a_caller_at_once_Gets_429_and_a_place_is_free_when_one_has_ended()
    {
        await using var rig = new GatewayFixture();
        var released = new TaskCompletionSource();
        rig.Wickr.ThenAfter(released.Task, 200, GatewayFixture.Success).ThenAfter(released.Task, 200, GatewayFixture.Success).ThenAlways(200, GatewayFixture.Success);
        var running = new[] { BulkResponse.SendAsync(rig.Client, BulkResponse.Body([1])), BulkResponse.SendAsync(rig.Client, BulkResponse.Body([1])) };
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count == 2);

        using var third = await rig.PostAsync(BulkResponse.Body([1]), BulkResponse.Path);
        var problem = await Problem.OfAsync(third);
        using var other = rig.Gateway.Client(GatewayHost.LimitedKey);
        var ofOther = await BulkResponse.SendAsync(other, BulkResponse.Body([1]));
        released.SetResult();
        await Task.WhenAll(running);

        Assert.Equal(("too-many-requests", 429), (problem.Type, problem.Status));
        Assert.NotNull(third.Headers.RetryAfter);
        Assert.Single(ofOther.Batches);
        Assert.Single((await BulkResponse.SendAsync(rig.Client, BulkResponse.Body([1]))).Batches);
    }

    private static string Padded(int length)
    {
        const string Body = """{"suspend":true,"userIds":["1"]}""";
        return Body + new string(' ', length - Body.Length);
    }
}
