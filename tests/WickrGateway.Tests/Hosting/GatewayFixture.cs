namespace WickrGateway.Tests.Hosting;

/// <summary>A gateway in front of a scripted Wickr. Each call is one attempt, so that one scripted response is one call.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    public const string Path = "/networks/12345678/users/suspend-status";
    public const string ValidBody = """{"suspend":true,"userIds":["1"],"clientToken":"t:1"}""";
    public const string Success = """{"message":"ok","successful":[{"userId":"1"}],"failed":[]}""";

    public GatewayFixture(Dictionary<string, string?>? settings = null, TimeProvider? time = null)
    {
        Gateway = GatewayHost.Start(Wickr.Address, new Dictionary<string, string?>(settings ?? []) { ["Wickr:MaxAttempts"] = "1" }, time);
        Client = Gateway.Client();
    }

    public ScriptedUpstream Wickr { get; } = new();

    public GatewayHost Gateway { get; }

    public HttpClient Client { get; }

    public Task<HttpResponseMessage> PostAsync(string body = ValidBody, string path = Path) => Client.PostAsync(path, Json.Body(body));

    public Task<HttpResponseMessage> PostAsync(byte[] body) => Client.PostAsync(Path, Json.Body(body));

    public async Task<Problem> ProblemAsync(string body = ValidBody, string path = Path)
    {
        using var response = await PostAsync(body, path);
        return await Problem.OfAsync(response);
    }

    /// <summary>A raw request with the key of the all-powerful caller and a Content-Length.</summary>
    public Task<RawResponse> RawAsync(string target, string body = ValidBody, params string[] headers) =>
        RawHttp.SendAsync(
            Gateway.Address,
            [$"POST {target} HTTP/1.1", $"X-Api-Key: {GatewayHost.AllPowerfulKey}", "Content-Type: application/json", $"Content-Length: {System.Text.Encoding.UTF8.GetByteCount(body)}", .. headers],
            body);

    /// <summary>Sends the body and expects 400 and nothing sent to Wickr.</summary>
    public async Task<Problem> RefusedAsync(string body, string path = Path)
    {
        var before = Wickr.Received.Count;
        var problem = await ProblemAsync(body, path);
        Assert.Equal(400, problem.Status);
        Assert.Equal("invalid-request", problem.Type);
        Assert.NotEmpty(problem.Errors);
        Assert.Null(problem.Outcome);
        Assert.Equal(before, Wickr.Received.Count);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Gateway.DisposeAsync();
        await Wickr.DisposeAsync();
    }
}
