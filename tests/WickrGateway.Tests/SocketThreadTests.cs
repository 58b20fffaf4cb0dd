using System.Net.Http.Headers;
using System.Text;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Limits;

namespace WickrGateway.Tests;

/// <summary>
/// The threads for sockets go on with requests themselves, so nothing that a request does may block one. Every gateway that the tests start as a
/// process is watched for that; here is what the others leave out.
/// </summary>
public sealed class SocketThreadTests : IAsyncDisposable
{
    private const string Path = "/networks/12345678/users/suspend-status";

    private readonly ScriptedUpstream _wickr = new();
    private readonly TemporaryFiles _files = new();

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_thread_blocks_The_watch_sees_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the watch finds threads by their names in /proc");
        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, environment: null);
        Assert.Equal("", gateway.TakeSocketWaits());
        await using var blocked = await GatewayProcess.StartAsync(_wickr.Address, Environment((SocketThreadWatch.SelfTestVariable, "1")));
        var waits = "";
        await HttpClientExtensions.UntilAsync(() => (waits += blocked.TakeSocketWaits()).Contains("WaitHandleWaitStart", StringComparison.Ordinal));

        // Else what it has found since would fail this test.
        blocked.Kill();
        await blocked.ExitAsync();
        blocked.TakeSocketWaits();
    }

    [Fact]
    public async Task Every_route_with_roles_tokens_audit_file_and_failures_Blocks_no_thread()
    {
        await using var sts = new ScriptedSts();
        await using var provider = await IdentityProvider.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            _wickr.Address,
            Environment(("AWS_ENDPOINT_URL_STS", sts.Upstream.Address.AbsoluteUri)),
            [
                $"--Audit:Path={_files.PathOf("audit.jsonl")}",
                "--Wickr:RoleArn=arn:aws:iam::111111111111:role/wickr",
                "--Management:Port=0",
                .. provider.Settings().Select(setting => $"--{setting.Key}={setting.Value}"),
            ]);
        await CallAsync(gateway, provider.Token());
    }

    [Fact]
    public async Task Limits_in_Redis_over_TLS_Block_no_thread()
    {
        RedisServer.SkipWithoutRedis();
        await using var redis = await RedisServer.StartWithTlsAsync(_files.Directory.FullName);
        await using var gateway = await GatewayProcess.StartAsync(
            _wickr.Address, Environment(("SSL_CERT_FILE", _files.PathOf("redis.crt"))), $"--Limits:Redis=127.0.0.1:{redis.Port},ssl=true");
        await CallAsync(gateway, token: null);
        redis.Kill();
        await CallAsync(gateway, token: null);
        await redis.RestartAsync();
        await CallAsync(gateway, token: null);
    }

    private static Dictionary<string, string> Environment(params IEnumerable<(string Name, string Value)> more) => new(
        more.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)), StringComparer.Ordinal)
    {
        ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey,
    };

    private async Task CallAsync(GatewayProcess gateway, string? token)
    {
        // A throttled call, one whose connection breaks, and many that succeed.
        _wickr.Then(429, "{}").ThenReset().ThenAlways(200, GatewayFixture.Success);
        using var client = gateway.Client();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(call => client.SuspendAsync($"call:{call}")));
        if (token is not null)
        {
            using var bearer = new HttpClient { BaseAddress = gateway.Address };
            bearer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            await Task.WhenAll(Enumerable.Range(0, 20).Select(call => bearer.SuspendAsync($"token:{call}")));
        }

        foreach (var path in (string[])["/healthz", "/readyz", "/metrics", "/swagger/index.html", "/openapi/v1.json", "/whoami", "/nowhere"])
        {
            using var response = await client.GetAsync(path);
            await response.Content.ReadAsByteArrayAsync();
        }

        foreach (var (path, body) in ((string, string)[])[($"{Path}/dry-run", Body(1)), ($"{Path}/bulk", Body(500)), (Path, "not JSON"), (Path, Body(51))])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(path, content);
            await response.Content.ReadAsByteArrayAsync();
        }

        Assert.Equal("", gateway.TakeSocketWaits());
    }

    private static string Body(int users) => $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, users).Select(id => $"\"{id}\""))}}]}""";
}
