using System.Net;
using System.Text.Json;

namespace WickrSimulator.Tests;

public sealed class OperationTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    [Fact]
    public async Task Suspend_and_unsuspend_Set_the_users_state()
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
    public async Task Unknown_users_Are_in_failed_and_the_others_in_successful()
    {
        using var response = await _simulator.ToggleAsync(true, ["1", "101", "007", "1"]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(["1", "1"], body.GetProperty("successful").EnumerateArray().Select(user => user.GetProperty("userId").GetString()));
        Assert.Equal(["101", "007"], body.GetProperty("failed").EnumerateArray().Select(user => user.GetProperty("userId").GetString()));
        Assert.All(body.GetProperty("failed").EnumerateArray(), user => Assert.Equal(("username", "User not found"), (user.GetProperty("field").GetString(), user.GetProperty("reason").GetString())));
        Assert.Equal("partial success", body.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_unknown_network_Returns_ResourceNotFoundError()
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], network: "87654321");

        await AssertErrorAsync(response, HttpStatusCode.NotFound, "ResourceNotFoundError");
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
    public async Task A_violation_of_Wickr_s_model_Returns_ValidationError_with_the_field(string field, string network, string query, string body, string? token)
    {
        using var response = await _simulator.ToggleAsync(true, [], token, network, builder => (builder.Query, builder.Body) = (query, body));

        await AssertErrorAsync(response, HttpStatusCode.UnprocessableEntity, "ValidationError");
        var reasons = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("reasons");
        Assert.Equal(field, Assert.Single(reasons.EnumerateArray()).GetProperty("field").GetString());
        Assert.False(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task Fifty_one_ids_Return_ValidationError()
    {
        using var response = await _simulator.ToggleAsync(true, [.. Enumerable.Repeat("1", 51)]);

        await AssertErrorAsync(response, HttpStatusCode.UnprocessableEntity, "ValidationError");
    }

    [Fact]
    public async Task The_same_token_with_the_same_request_Returns_the_first_result_without_a_second_effect()
    {
        using var first = await _simulator.ToggleAsync(true, ["1", "999"], "t");
        using var between = await _simulator.ToggleAsync(false, ["1"]);
        using var again = await _simulator.ToggleAsync(true, ["1", "999"], "t");

        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        Assert.Equal([true, true, false], (await _simulator.RequestsAsync()).Select(entry => entry.GetProperty("effect").GetBoolean()));
    }

    [Theory]
    [InlineData(false, "1")]
    [InlineData(true, "2")]
    public async Task The_same_token_with_another_request_Returns_BadRequestError_and_has_no_effect(bool suspend, string userId)
    {
        using var first = await _simulator.ToggleAsync(true, ["1"], "t");
        using var other = await _simulator.ToggleAsync(suspend, [userId], "t");

        await AssertErrorAsync(other, HttpStatusCode.BadRequest, "BadRequestError");
        Assert.True(await _simulator.IsSuspendedAsync("1"));
        Assert.False(await _simulator.IsSuspendedAsync("2"));
    }

    [Fact]
    public async Task One_token_sent_many_times_at_once_Has_one_effect()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _simulator.ToggleAsync(true, ["1"], "t")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Single(await _simulator.RequestsAsync(), entry => entry.GetProperty("effect").GetBoolean());
    }

    [Theory]
    [InlineData("POST", "/networks/12345678/users/toggleSuspend")]
    [InlineData("PATCH", "/networks/12345678/users/toggleSuspend/")]
    [InlineData("GET", "/")]
    public async Task Any_other_method_or_path_Returns_UnknownOperationException(string method, string path)
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], change: builder => (builder.Method, builder.Path) = (method, path));

        await AssertErrorAsync(response, HttpStatusCode.NotFound, "UnknownOperationException");
    }

    [Fact]
    public async Task Reset_Restores_the_initial_state()
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], "t");
        await _simulator.AddFaultAsync(new { status = 500 });

        (await _simulator.Client.PostAsync("/_simulator/reset", null)).EnsureSuccessStatusCode();

        Assert.False(await _simulator.IsSuspendedAsync("1"));
        Assert.Empty(await _simulator.RequestsAsync());
        using var other = await _simulator.ToggleAsync(true, ["2"], "t");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_body_over_1_MiB_Is_refused_with_an_AWS_error()
    {
        using var response = await _simulator.ToggleAsync(true, [], change: builder => builder.Body = new string(' ', 1024 * 1024) + "{}");

        await AssertErrorAsync(response, HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLargeException");
    }

    [Fact]
    public async Task A_misspelled_control_path_Returns_the_list_of_control_endpoints()
    {
        using var response = await _simulator.Client.GetAsync("/_simulator/fault");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("/_simulator/faults", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_Needs_no_signature_and_is_not_in_the_request_log()
    {
        Assert.Equal(HttpStatusCode.OK, (await _simulator.Client.GetAsync("/healthz")).StatusCode);
        Assert.Empty(await _simulator.RequestsAsync());
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string errorType)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(errorType, response.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.False(string.IsNullOrEmpty(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("message").GetString()));
    }
}
