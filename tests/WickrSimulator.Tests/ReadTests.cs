using System.Net.Http.Json;
using System.Text.Json;

namespace WickrSimulator.Tests;

/// <summary>The operations that only read, and faults that are kept to one network.</summary>
public sealed class ReadTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync("--Simulator:Networks:12345678=250", "--Simulator:Networks:22222222=1");

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task GetUsersCount_Returns_the_numbers()
    {
        using var response = await GetAsync("/networks/12345678/users/count");

        var counts = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((0, 250, 0, 250), (Number("pending"), Number("active"), Number("rejected"), Number("total")));
        Assert.True(Number("remaining") > 0);

        int Number(string name) => counts.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task ListUsers_Returns_all_users_in_pages()
    {
        using var toggled = await _simulator.ToggleAsync(true, ["101"]);
        var users = new List<JsonElement>();
        string? token = null;
        do
        {
            using var response = await GetAsync("/networks/12345678/users", token is null ? "maxResults=100" : $"maxResults=100&nextToken={token}");
            var page = await response.Content.ReadFromJsonAsync<JsonElement>();
            users.AddRange(page.GetProperty("users").EnumerateArray());
            token = page.TryGetProperty("nextToken", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(1, 250).Select(id => $"{id}"), users.Select(user => user.GetProperty("userId").GetString()));
        Assert.Equal("101", users.Single(user => user.GetProperty("suspended").GetBoolean()).GetProperty("userId").GetString());
        Assert.All(users, user => Assert.NotEmpty(user.GetProperty("username").GetString()!));
    }

    [Fact]
    public async Task GetUser_Returns_the_user_or_ResourceNotFoundError()
    {
        using var found = await GetAsync("/networks/12345678/users/7");
        using var unknown = await GetAsync("/networks/12345678/users/007");

        Assert.Equal("7", (await found.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("userId").GetString());
        Assert.Equal((404, "ResourceNotFoundError"), ((int)unknown.StatusCode, unknown.Headers.GetValues("x-amzn-ErrorType").Single()));
    }

    [Theory]
    [InlineData("/networks/99999999/users/count", "", 404)]
    [InlineData("/networks/1/users", "", 422)]
    [InlineData("/networks/12345678/users", "maxResults=0", 422)]
    [InlineData("/networks/12345678/users", "maxResults=101", 422)]
    [InlineData("/networks/12345678/users", "nextToken=x", 422)]
    public async Task A_wrong_read_Is_refused(string path, string query, int status)
    {
        using var response = await GetAsync(path, query);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_read_without_a_signature_Is_refused()
    {
        using var response = await _simulator.Client.GetAsync("/networks/12345678/users/count");

        Assert.Equal("MissingAuthenticationTokenException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task A_fault_with_a_networkId_Is_kept_to_that_network()
    {
        await _simulator.AddFaultAsync(new { status = 500, networkId = "22222222", count = 2 });
        await _simulator.AddFaultAsync(new { status = 503, count = 1 });

        using var first = await _simulator.ToggleAsync(true, ["1"]);
        using var second = await _simulator.ToggleAsync(true, ["1"]);
        using var kept = await _simulator.ToggleAsync(true, ["1"], network: "22222222");

        Assert.Equal((503, 200, 500), ((int)first.StatusCode, (int)second.StatusCode, (int)kept.StatusCode));
    }

    [Fact]
    public async Task A_fault_with_a_wrong_networkId_Is_refused()
    {
        using var response = await _simulator.Client.PostAsJsonAsync("/_simulator/faults", new { networkId = "1" });

        Assert.Equal(400, (int)response.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string query = "") =>
        await _simulator.Client.SendAsync(new RequestBuilder { Method = "GET", Path = path, Query = query }.Build(_simulator.Address));
}
