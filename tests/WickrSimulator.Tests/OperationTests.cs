using System.Net;
using System.Text.Json;

namespace WickrSimulator.Tests;

public sealed class OperationTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    [Fact]
    public async Task Suspending_sets_the_state_and_unsuspending_sets_it_back()
    {
        using var suspended = await _simulator.ToggleAsync(true, ["1", "2"]);
        Assert.True(await _simulator.IsSuspendedAsync("1"));

        using var again = await _simulator.ToggleAsync(true, ["1"]);
        Assert.True(await _simulator.IsSuspendedAsync("1"));

        using var unsuspended = await _simulator.ToggleAsync(false, ["1"]);
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        Assert.True(await _simulator.IsSuspendedAsync("2"));
    }

    [Fact]
    public async Task Unknown_users_are_in_failed_beside_those_that_succeeded()
    {
        using var answer = await _simulator.ToggleAsync(true, ["1", "101", "007", "1"]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(["1", "1"], body.GetProperty("successful").EnumerateArray().Select(user => user.GetProperty("userId").GetString()));
        Assert.Equal(["101", "007"], body.GetProperty("failed").EnumerateArray().Select(user => user.GetProperty("userId").GetString()));
        Assert.All(body.GetProperty("failed").EnumerateArray(), user => Assert.Equal("userId", user.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task An_unknown_network_is_a_ResourceNotFoundError()
    {
        using var answer = await _simulator.ToggleAsync(true, ["1"], network: "87654321");

        await AssertErrorAsync(answer, HttpStatusCode.NotFound, "ResourceNotFoundError");
    }

    [Theory]
    [InlineData("networkId", "1234567", "suspend=true", """{"userIds":["1"]}""", null)]
    [InlineData("suspend", "12345678", "suspend=yes", """{"userIds":["1"]}""", null)]
    [InlineData("suspend", "12345678", "", """{"userIds":["1"]}""", null)]
    [InlineData("userIds", "12345678", "suspend=true", """{"userIds":[]}""", null)]
    [InlineData("userIds", "12345678", "suspend=true", """{"userIds":[1]}""", null)]
    [InlineData("userIds", "12345678", "suspend=true", "not JSON", null)]
    [InlineData("userIds[1]", "12345678", "suspend=true", """{"userIds":["1","12345678901"]}""", null)]
    [InlineData("clientToken", "12345678", "suspend=true", """{"userIds":["1"]}""", "not/allowed")]
    public async Task What_breaks_Wickr_s_model_is_a_ValidationError_with_its_field(string field, string network, string query, string body, string? token)
    {
        using var answer = await _simulator.ToggleAsync(true, [], token, network, signing => (signing.Query, signing.Body) = (query, body));

        await AssertErrorAsync(answer, HttpStatusCode.UnprocessableEntity, "ValidationError");
        var reasons = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("reasons");
        Assert.Equal(field, Assert.Single(reasons.EnumerateArray()).GetProperty("field").GetString());
        Assert.False(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task Fifty_one_ids_are_too_many()
    {
        using var answer = await _simulator.ToggleAsync(true, [.. Enumerable.Repeat("1", 51)]);

        await AssertErrorAsync(answer, HttpStatusCode.UnprocessableEntity, "ValidationError");
    }

    [Fact]
    public async Task The_same_token_with_the_same_request_gives_the_first_answer_and_no_second_effect()
    {
        using var first = await _simulator.ToggleAsync(true, ["1", "999"], "t");
        using var between = await _simulator.ToggleAsync(false, ["1"]);
        using var again = await _simulator.ToggleAsync(true, ["1", "999"], "t");

        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        Assert.Equal([true, true, false], (await _simulator.JournalAsync()).Select(entry => entry.GetProperty("effect").GetBoolean()));
    }

    [Theory]
    [InlineData(false, "1")]
    [InlineData(true, "2")]
    public async Task The_same_token_with_another_request_is_a_BadRequestError_without_effect(bool suspend, string userId)
    {
        using var first = await _simulator.ToggleAsync(true, ["1"], "t");
        using var other = await _simulator.ToggleAsync(suspend, [userId], "t");

        await AssertErrorAsync(other, HttpStatusCode.BadRequest, "BadRequestError");
        Assert.True(await _simulator.IsSuspendedAsync("1"));
        Assert.False(await _simulator.IsSuspendedAsync("2"));
    }

    [Fact]
    public async Task One_token_sent_many_times_at_once_has_one_effect()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _simulator.ToggleAsync(true, ["1"], "t")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(await _simulator.JournalAsync(), entry => entry.GetProperty("effect").GetBoolean());
    }

    [Theory]
    [InlineData("POST", "/networks/12345678/users/toggleSuspend")]
    [InlineData("PATCH", "/networks/12345678/users/toggleSuspend/")]
    [InlineData("GET", "/")]
    public async Task What_is_not_the_operation_is_unknown(string method, string path)
    {
        using var answer = await _simulator.ToggleAsync(true, ["1"], change: signing => (signing.Method, signing.Path) = (method, path));

        await AssertErrorAsync(answer, HttpStatusCode.NotFound, "UnknownOperationException");
    }

    [Fact]
    public async Task Reset_takes_everything_back_to_the_start()
    {
        using var answer = await _simulator.ToggleAsync(true, ["1"], "t");
        await _simulator.FaultAsync(new { status = 500 });

        (await _simulator.Client.PostAsync("/_simulator/reset", null)).EnsureSuccessStatusCode();

        Assert.False(await _simulator.IsSuspendedAsync("1"));
        Assert.Empty(await _simulator.JournalAsync());
        using var other = await _simulator.ToggleAsync(true, ["2"], "t");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_body_longer_than_a_mebibyte_is_refused_in_AWS_s_shape()
    {
        using var answer = await _simulator.ToggleAsync(true, [], change: signing => signing.Body = new string(' ', 1024 * 1024) + "{}");

        await AssertErrorAsync(answer, HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLargeException");
    }

    [Fact]
    public async Task A_misspelt_control_path_is_told_from_a_path_of_Wickr_s()
    {
        using var answer = await _simulator.Client.GetAsync("/_simulator/fault");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("/_simulator/faults", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_needs_no_signature_and_is_not_in_the_journal()
    {
        Assert.Equal(HttpStatusCode.OK, (await _simulator.Client.GetAsync("/healthz")).StatusCode);
        Assert.Empty(await _simulator.JournalAsync());
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task AssertErrorAsync(HttpResponseMessage answer, HttpStatusCode status, string errorType)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(errorType, answer.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.False(string.IsNullOrEmpty(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("message").GetString()));
    }
}
