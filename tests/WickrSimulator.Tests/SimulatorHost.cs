using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using WickrSimulator.Signing;

namespace WickrSimulator.Tests;

/// <summary>A simulator on a real socket, and a client that signs from the specification.</summary>
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

    public async Task<HttpResponseMessage> ToggleAsync(bool suspend, string[] userIds, string? token = null, string network = "12345678", Action<Signing>? change = null)
    {
        var signing = new Signing { Path = $"/networks/{network}/users/toggleSuspend", Query = suspend ? "suspend=true" : "suspend=false", Body = JsonSerializer.Serialize(new { userIds }) };
        if (token is not null)
            signing.Headers["x-client-token"] = token;

        change?.Invoke(signing);
        return await Client.SendAsync(signing.Request(Address));
    }

    public async Task FaultAsync(object fault) => (await Client.PostAsJsonAsync("/_simulator/faults", fault)).EnsureSuccessStatusCode();

    public async Task<bool> IsSuspendedAsync(string userId)
    {
        var users = await Client.GetFromJsonAsync<JsonElement>("/_simulator/networks/12345678/users");
        return users.GetProperty("users").EnumerateArray().Single(user => user.GetProperty("userId").GetString() == userId).GetProperty("suspended").GetBoolean();
    }

    public async Task<JsonElement[]> JournalAsync() =>
        [.. (await Client.GetFromJsonAsync<JsonElement>("/_simulator/requests")).GetProperty("requests").EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>What is signed and sent; a test changes a part of it before the signature or after.</summary>
internal sealed class Signing
{
    public string Method { get; set; } = "PATCH";

    public string Path { get; set; } = "/";

    public string Query { get; set; } = "";

    public string Body { get; set; } = "";

    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    public string AccessKeyId { get; set; } = SimulatorDefaults.AccessKeyId;

    public string SecretAccessKey { get; set; } = SimulatorDefaults.SecretAccessKey;

    public DateTimeOffset At { get; set; } = TimeProvider.System.GetUtcNow();

    public string Region { get; set; } = "us-east-1";

    public string Service { get; set; } = "wickr";

    /// <summary>Changes the request after it was signed.</summary>
    public Action<HttpRequestMessage>? Afterwards { get; set; }

    public HttpRequestMessage Request(Uri address)
    {
        var stamp = At.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var signed = new Dictionary<string, string>(Headers, StringComparer.Ordinal) { ["host"] = address.Authority, ["x-amz-date"] = stamp };
        var scope = $"{stamp[..8]}/{Region}/{Service}/aws4_request";
        var canonical = SigV4.CanonicalRequest(
            new SignedRequest(Method, Path, Query, signed.ToDictionary(header => header.Key, header => new[] { header.Value }, StringComparer.Ordinal), Encoding.UTF8.GetBytes(Body)),
            signed.Keys);
        var signature = SigV4.Signature(SecretAccessKey, scope, SigV4.StringToSign(canonical, stamp, scope));

        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(address, Query.Length == 0 ? Path : $"{Path}?{Query}")) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in signed.Where(header => header.Key != "host"))
            request.Headers.TryAddWithoutValidation(name, value);

        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{scope}, SignedHeaders={string.Join(';', signed.Keys.Order(StringComparer.Ordinal))}, Signature={signature}");
        Afterwards?.Invoke(request);
        return request;
    }
}
