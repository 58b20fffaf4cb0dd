using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using WickrGateway.Limits;
using WickrGateway.Tests.Hosting;
using WickrGateway.Tests.Policy;
using WickrGateway.Tests.Telemetry;

namespace WickrGateway.Tests.Limits;

/// <summary>Nothing is refused or let through because Redis is down.</summary>
[Collection(NonParallel.Name)]
public sealed class LimitStoreFailureTests
{
    private const string Password = "p4ssw0rd-of-the-limit-store";

    private static readonly Dictionary<string, string?> CallerLimit3 = new() { ["Policy:SuspendLimit:PerCaller"] = "3" };

    [Fact]
    public async Task Redis_dies_Each_replica_counts_by_itself_from_a_count_that_was_kept_warm()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, CallerLimit3);
        await replicas.AllAreSharedAsync();
        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        Assert.Equal("200", await replicas.SuspendAsync(1, 3));

        redis.Kill();
        await replicas.NoneIsSharedAsync();

        Assert.Equal(2, await SharedLimitTests.UsedAsync(replicas, 0));
        Assert.Equal(1, await SharedLimitTests.UsedAsync(replicas, 1));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(0, 4, 5));
        Assert.Equal("200", await replicas.SuspendAsync(0, 4));
        Assert.Equal("200", await replicas.SuspendAsync(1, 5, 6));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(1, 7));
    }

    [Fact]
    public async Task While_Redis_is_down_The_gateway_is_degraded_the_metric_is_0_and_the_log_says_so()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAsync($"{redis.Connection}");
        using var client = gateway.Client();
        await UntilUpAsync(client, up: true);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));

        redis.Kill();
        await UntilUpAsync(client, up: false);

        var ready = await client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("""{"status":"degraded","reason":"The limit store cannot be used; this replica counts its limits by itself."}""", await ready.Content.ReadAsStringAsync());
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("cannot be used", StringComparison.Ordinal));
        // Once a minute, however many requests there are.
        for (var request = 0; request < 50; request++)
            Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Single(gateway.StandardOutput, line => line.Contains("cannot be used: ", StringComparison.Ordinal));

        await redis.RestartAsync();
        await UntilUpAsync(client, up: true);
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task Redis_hangs_Calls_go_on_and_what_was_counted_meanwhile_is_shared_afterwards()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, CallerLimit3, patience: false);
        await replicas.AllAreSharedAsync();

        await redis.HangAsync();
        Assert.Equal("200", await replicas.SuspendAsync(0, 1));
        Assert.Equal("200", await replicas.SuspendAsync(0, 2, 10001));
        Assert.Equal("200", await replicas.SuspendAsync(1, 1));
        await HttpClientExtensions.UntilAsync(async () => await replicas.SuspendAsync(0, 1) == "200" && await replicas.SuspendAsync(1, 1) == "200" && !Replicas.IsShared(replicas.All[0]) && !Replicas.IsShared(replicas.All[1]));
        await redis.ContinueAsync();
        await replicas.AllAreSharedAsync();

        // Users 1 and 2, each once; the failed one of a reservation that reached Redis late is released.
        await HttpClientExtensions.UntilAsync(async () => await SharedLimitTests.UsedAsync(replicas, 1) == 2 && await SharedLimitTests.UsedAsync(replicas, 0) == 2);
        Assert.Equal("200", await replicas.SuspendAsync(1, 3));
        await HttpClientExtensions.UntilAsync(async () => await replicas.SuspendAsync(0, 4) == "suspend-limit 403 not-applied");
    }

    [Fact]
    public async Task Redis_restarts_empty_The_replicas_give_it_their_counts_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Connection, new(CallerLimit3) { ["Policy:SuspendLimit:PerNetwork"] = "4" });
        await replicas.AllAreSharedAsync();
        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        Assert.Equal("200", await replicas.SuspendAsync(1, 3));

        redis.Kill();
        await replicas.NoneIsSharedAsync();
        await redis.RestartAsync();
        await replicas.AllAreSharedAsync();

        Assert.Equal(3, await SharedLimitTests.UsedAsync(replicas, 0));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(0, 4));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(1, 4));
        Assert.Equal("200", await replicas.SuspendAsync(1, 1, 2, 3));
    }

    [Fact]
    public async Task Redis_restarts_empty_A_replica_with_a_very_large_count_uses_it_again()
    {
        const int Users = 1_000_000;
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(1, redis.Connection, new() { ["Policy:SuspendLimit:PerCaller"] = "1000000", ["Policy:SuspendLimit:PerNetwork"] = "0" });
        await replicas.AllAreSharedAsync();
        redis.Kill();
        await replicas.NoneIsSharedAsync();
        var users = Enumerable.Range(1, Users).Select(id => new SuspendedUser("12345678", $"{id}")).ToHashSet();
        var charge = new SuspendCharge("all-powerful", Users, "12345678", 0, users, TimeSpan.FromHours(1), TimeSpan.Zero);
        var local = replicas.All[0].Services.GetRequiredService<LocalLimitStore>().Suspended;
        Assert.True(local.Reserve(charge).IsReserved);
        local.Settle(charge, users, []);

        await redis.RestartAsync();
        await replicas.AllAreSharedAsync();

        Assert.Equal(Users, await SharedLimitTests.UsedAsync(replicas, 0));
    }

    [Fact]
    public async Task Redis_loses_its_scripts_They_are_loaded_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(1, redis.Connection, CallerLimit3);
        await replicas.AllAreSharedAsync();
        await using (var connection = await redis.ConnectAsync())
            await connection.GetServers()[0].ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal("200", await replicas.SuspendAsync(0, 1));
        Assert.Equal(1, await SharedLimitTests.UsedAsync(replicas, 0));
        Assert.True(Replicas.IsShared(replicas.All[0]));
    }

    [Fact]
    public async Task Redis_is_not_there_at_the_start_The_gateway_starts_and_uses_it_once_it_is_there()
    {
        await using var redis = await RedisServer.StartAsync();
        redis.Kill();
        await using var gateway = await StartAsync(redis.Connection);
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await UntilUpAsync(client, up: false);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("cannot be used: there is no connection", StringComparison.Ordinal));

        await redis.RestartAsync();

        await UntilUpAsync(client, up: true);
    }

    [Fact]
    public async Task A_wrong_password_Is_named_and_shown_nowhere()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "another");
        await using var gateway = await StartAsync($"{redis.Connection},user=default,password={Password}");
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("it refuses the user or password", StringComparison.Ordinal));
        await UntilUpAsync(client, up: false);

        var shown = string.Join('\n', await client.GetStringAsync("/readyz"), await client.GetStringAsync("/metrics"), await client.GetStringAsync("/whoami"), gateway.Output);
        Assert.DoesNotContain(Password, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_the_documented_rights_Is_enough()
    {
        var rights = DocumentedRights();
        await using var redis = await RedisServer.StartAsync(["--user", "gateway", "on", $">{Password}", .. rights]);
        await using var replicas = await Replicas.StartAsync(2, $"{redis.Connection},user=gateway,password={Password}", CallerLimit3);
        await replicas.AllAreSharedAsync();

        Assert.Equal("200", await replicas.SuspendAsync(0, 1, 2));
        Assert.Equal("suspend-limit 403 not-applied", await replicas.SuspendAsync(1, 3, 4));
        Assert.All(replicas.All, replica => Assert.True(Replicas.IsShared(replica)));
    }

    [Fact]
    public async Task TLS_Needs_a_certificate_that_is_trusted()
    {
        using var files = new TemporaryFiles();
        await using var redis = await RedisServer.StartWithTlsAsync(files.Directory.FullName);
        var connection = $"{redis.Connection},ssl=true,checkCertificateRevocation=false";
        await using var trusting = await StartAsync(connection, ("SSL_CERT_FILE", files.PathOf("redis.crt")));
        await using var wary = await StartAsync(connection);
        using var trustingClient = trusting.Client();
        using var waryClient = wary.Client();

        await UntilUpAsync(trustingClient, up: true);
        await HttpClientExtensions.UntilAsync(() => wary.Output.Contains("cannot be used: its TLS certificate is not accepted", StringComparison.Ordinal));
        await UntilUpAsync(waryClient, up: false);
    }

    [Fact]
    public async Task A_full_Redis_Is_as_good_as_none()
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory", "1", "--maxmemory-policy", "noeviction");
        await using var gateway = await StartAsync(redis.Connection);
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("it refuses the command with OOM", StringComparison.Ordinal));
        await UntilUpAsync(client, up: false);
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("$3\r\nabc\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("")]
    public async Task Something_else_listens_there_Calls_go_on(string response)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = RespondAsync(listener, response);
        await using var gateway = await StartAsync($"{listener.LocalEndpoint}");
        using var client = gateway.Client();

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        await UntilUpAsync(client, up: false);
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Theory]
    [InlineData("Limits:Redis", "no such option=1,secret-part")]
    [InlineData("Limits:Redis", "ssl=true,password=secret-part")]
    [InlineData("Limits:Redis", "redis.example.com,password=with-a-comma,secret-part")]
    [InlineData("Limits:Redis", "redis://gateway:secret-part@redis.example.com:6379")]
    [InlineData("Limits:Redis", ":secret-part@redis.example.com:6379")]
    [InlineData("Limits:KeyPrefix", "secret-part:{a}")]
    public async Task Wrong_settings_End_the_start_with_the_key_and_without_the_value(string key, string value)
    {
        await using var gateway = GatewayProcess.Start(new(GatewayProcess.MinimalSettings()) { [key] = value });

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Contains(gateway.StandardError, line => line.Contains(key, StringComparison.Ordinal));
        Assert.DoesNotContain("secret-part", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_while_Redis_hangs_Ends_the_process_with_0()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAsync(redis.Connection);
        using var client = gateway.Client();
        await UntilUpAsync(client, up: true);
        await redis.HangAsync();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        await gateway.TerminateAsync();

        Assert.Equal(0, await gateway.ExitAsync());
    }

    /// <summary>As the documents print them.</summary>
    private static string[] DocumentedRights()
    {
        var line = File.ReadLines(Path.Combine(Deploy.Repository.Root, "deploy", "README.md")).Single(line => line.StartsWith("user wickr-gateway on ", StringComparison.Ordinal));
        return line.Split(' ')[4..];
    }

    private static async Task<GatewayProcess> StartAsync(string redis, params (string Name, string Value)[] environment)
    {
        RedisServer.SkipWithoutRedis();
        var wickr = new ScriptedUpstream();
        wickr.ThenAlways(200, GatewayFixture.Success);
        return await GatewayProcess.StartAsync(
            wickr.Address,
            new Dictionary<string, string>(environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))) { ["AWS_ACCESS_KEY_ID"] = AwsEnvironment.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = AwsEnvironment.SecretAccessKey },
            $"--Limits:Redis={redis}");
    }

    private static Task UntilUpAsync(HttpClient client, bool up) => HttpClientExtensions.UntilAsync(async () =>
        MetricsPage.Parse(await client.GetStringAsync("/metrics")).Samples.Single(sample => sample.Name == "wickr_gateway_limit_store_up").Value == (up ? 1 : 0));

    private static async Task RespondAsync(TcpListener listener, string response)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync();
            _ = Task.Run(async () =>
            {
                using (client)
                {
                    var buffer = new byte[4096];
                    var stream = client.GetStream();
                    while (await stream.ReadAsync(buffer) > 0)
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(response));
                }
            });
        }
    }
}
