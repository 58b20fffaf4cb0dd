using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace WickrSimulator.Tests;

/// <summary>A simulator on a real socket, and a client that signs its requests.</summary>
internal sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address => new(_app.Urls.Single());

    public HttpClient Client { get; }

    public static Task<SimulatorHost> StartAsync(params string[] settings) => StartAsync(TimeProvider.System, settings);

    public static async Task<SimulatorHost> StartAsync(TimeProvider clock, params string[] settings)
    {
        var app = SimulatorApp.Create(["--urls=http://127.0.0.1:0", .. settings], clock);
        await app.StartAsync();
        return new SimulatorHost(app);
    }

    public async Task<HttpResponseMessage> ToggleAsync(bool suspend, string[] userIds, string? token = null, string network = "12345678", Action<RequestBuilder>? change = null)
    {
        var builder = new RequestBuilder { Path = $"/networks/{network}/users/toggleSuspend", Query = suspend ? "suspend=true" : "suspend=false", Body = JsonSerializer.Serialize(new { userIds }) };
        if (token is not null)
            builder.Headers["x-client-token"] = token;

        change?.Invoke(builder);
        return await Client.SendAsync(builder.Build(Address));
    }

    public async Task AddFaultAsync(object fault) => (await Client.PostAsJsonAsync("/_simulator/faults", fault)).EnsureSuccessStatusCode();

    public async Task<bool> IsSuspendedAsync(string userId)
    {
        var users = await Client.GetFromJsonAsync<JsonElement>("/_simulator/networks/12345678/users");
        return users.GetProperty("users").EnumerateArray().Single(user => user.GetProperty("userId").GetString() == userId).GetProperty("suspended").GetBoolean();
    }

    public async Task<JsonElement[]> RequestsAsync() =>
        [.. (await Client.GetFromJsonAsync<JsonElement>("/_simulator/requests")).GetProperty("requests").EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
