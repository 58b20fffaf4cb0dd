using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Limits;
using WickrGateway.SuspendStatus.Bulk;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Bulk;

/// <summary>A bulk response is written as the run goes on, and the run goes on as fast as it is read.</summary>
[Collection(Policy.NonParallel.Name)]
public sealed class BulkStreamTests
{
    private static readonly Dictionary<string, string?> NoSuspendLimit = new() { ["Policy:SuspendLimit:PerCaller"] = "0", ["Policy:SuspendLimit:PerNetwork"] = "0" };

    [Fact]
    public async Task Headers_come_at_once_and_each_line_as_soon_as_its_batch_has_ended()
    {
        await using var rig = new GatewayFixture(NoSuspendLimit);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        rig.Wickr.ThenAfter(first.Task, 200, GatewayFixture.Success).ThenAfter(second.Task, 200, GatewayFixture.Success);
        using var request = new HttpRequestMessage(HttpMethod.Post, BulkResponse.Path) { Content = Json.Body(BulkResponse.Body(Enumerable.Range(1, 100))) };

        using var response = await rig.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        first.SetResult();
        var line = await lines.ReadLineAsync();

        Assert.Contains("\"batch\":1,", line, StringComparison.Ordinal);
        second.SetResult();
        Assert.Contains("\"batch\":2,", await lines.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains("\"summary\":true,", await lines.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await lines.ReadLineAsync());
    }

    [Fact]
    public async Task Batches_wait_for_the_callers_rate_instead_of_failing()
    {
        var time = new FakeTimeProvider();
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "3" }, time);
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);
        var run = BulkResponse.SendAsync(rig.Client, BulkResponse.Body(Enumerable.Range(1, 300)));
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count == 3);

        for (var batch = 4; batch <= 6; batch++)
        {
            await HttpClientExtensions.UntilAsync(() =>
            {
                // The wait may begin just after the time was moved.
                time.Advance(TimeSpan.FromMilliseconds(100));
                return rig.Wickr.Received.Count == batch;
            });
        }

        Assert.True((await run).Summary.GetProperty("users").GetInt32() == 300);
    }

    [Fact]
    public async Task While_a_list_waits_for_its_rate_The_callers_other_requests_have_permits_left()
    {
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "8" });
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);
        using var disconnect = new CancellationTokenSource();
        var run = rig.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, BulkResponse.Path) { Content = Json.Body(BulkResponse.Body(Enumerable.Range(1, 5000))) }, HttpCompletionOption.ResponseContentRead, disconnect.Token);
        // A quarter of the burst is left.
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count >= 6);

        using var urgent = await rig.PostAsync();
        using var second = await rig.PostAsync();

        Assert.Equal([200, 200], [(int)urgent.StatusCode, (int)second.StatusCode]);
        await disconnect.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_caller_that_disconnects_Ends_the_run_after_the_batch_under_way()
    {
        using var files = new TemporaryFiles();
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["Audit:Path"] = files.PathOf("audit.jsonl"), ["RateLimit:PermitsPerSecond"] = "1", ["RateLimit:Burst"] = "2" });
        var released = new TaskCompletionSource();
        rig.Wickr.Then(200, GatewayFixture.Success).ThenAfter(released.Task, 200, GatewayFixture.Success).ThenAlways(200, GatewayFixture.Success);
        using var disconnect = new CancellationTokenSource();
        var run = rig.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, BulkResponse.Path) { Content = Json.Body(BulkResponse.Body(Enumerable.Range(1, 200))) }, HttpCompletionOption.ResponseContentRead, disconnect.Token);
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count == 2);

        await disconnect.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        released.SetResult();

        var summary = await SummaryInAuditAsync(files);
        Assert.Equal("disconnected", summary.GetProperty("stopped").GetString());
        Assert.Equal(100, summary.GetProperty("notSent").GetInt32());
        Assert.Equal(2, rig.Wickr.Received.Count);
        Assert.Equal(2, files.Lines("audit.jsonl").Count(line => line.Contains("\"bulk\":", StringComparison.Ordinal) && line.Contains("\"event\":\"completed\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reader_that_stops_for_30_seconds_Ends_the_run_and_until_then_only_slows_it_down()
    {
        using var files = new TemporaryFiles();
        var time = new FakeTimeProvider();
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["Audit:Path"] = files.PathOf("audit.jsonl") }, time);
        // Long lines, so that the buffers on the way are soon full.
        rig.Wickr.ThenAlways(200, $$"""{"message":"{{new string('x', 20_000)}}","successful":[],"failed":[]}""");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(rig.Gateway.Address.Host, rig.Gateway.Address.Port);
        var body = BulkResponse.Body(Enumerable.Range(1, 5000));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {BulkResponse.Path} HTTP/1.1\r\nHost: a\r\nX-Api-Key: {GatewayHost.AllPowerfulKey}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        var stalledAt = await StalledAsync(rig);
        Assert.InRange(stalledAt, 2, 20);

        // It reads on before the time is over: so does the run.
        time.Advance(TimeSpan.FromSeconds(29));
        var buffer = new byte[64 * 1024];
        await HttpClientExtensions.UntilAsync(async () =>
        {
            await socket.ReceiveAsync(buffer);
            return rig.Wickr.Received.Count > stalledAt + 5;
        });

        stalledAt = await StalledAsync(rig);
        await HttpClientExtensions.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return files.Lines("audit.jsonl").Any(line => line.Contains("\"summary\":", StringComparison.Ordinal));
        });

        Assert.Equal("disconnected", (await SummaryInAuditAsync(files)).GetProperty("stopped").GetString());
        Assert.InRange(rig.Wickr.Received.Count, stalledAt, 99);
    }

    [Fact]
    public async Task SIGTERM_Finishes_the_batch_under_way_and_begins_no_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        await using var wickr = new ScriptedUpstream();
        var released = new TaskCompletionSource();
        wickr.ThenAfter(released.Task, 200, GatewayFixture.Success).ThenAlways(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address);
        using var client = gateway.Client();
        var run = BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 200)));
        await HttpClientExtensions.UntilAsync(() => wickr.Received.Count == 1);

        await gateway.TerminateAsync();
        await HttpClientExtensions.UntilAsync(() => gateway.Output.Contains("shutting down", StringComparison.Ordinal));
        released.SetResult();

        var response = await run;
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Single(response.Batches);
        Assert.Equal(("shutting-down", 150), (response.Summary.GetProperty("stopped").GetString(), response.Summary.GetProperty("notSent").GetInt32()));
        Assert.Single(wickr.Received);
    }

    [Fact]
    public async Task A_key_that_is_removed_during_a_run_Ends_it()
    {
        using var files = new TemporaryFiles();
        var callers = $$$$"""{"Callers":{"runaway":{"ApiKeySha256":["{{{{GatewayHost.Sha256("runaway-key")}}}}"],"Networks":["12345678"],"Actions":["suspend"]}}}""";
        var path = files.Write("callers.json", callers);
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["Auth:CallersFile"] = path });
        var released = new TaskCompletionSource();
        rig.Wickr.ThenAfter(released.Task, 200, GatewayFixture.Success).ThenAlways(200, GatewayFixture.Success);
        using var client = rig.Gateway.Client("runaway-key");
        var run = BulkResponse.SendAsync(client, BulkResponse.Body(Enumerable.Range(1, 200)));
        await HttpClientExtensions.UntilAsync(() => rig.Wickr.Received.Count == 1);

        await File.WriteAllTextAsync(path, callers.Replace(GatewayHost.Sha256("runaway-key"), GatewayHost.Sha256("another"), StringComparison.Ordinal));
        using var another = rig.Gateway.Client("another");
        await HttpClientExtensions.UntilAsync(async () => (await another.GetAsync("/whoami")).IsSuccessStatusCode);
        released.SetResult();

        var response = await run;
        Assert.Equal("unauthenticated", response.Summary.GetProperty("stopped").GetString());
        Assert.Single(rig.Wickr.Received);
    }

    [Fact]
    public async Task A_caller_that_disconnects_before_the_first_batch_Has_nothing_sent_and_nothing_counted()
    {
        using var files = new TemporaryFiles();
        await using var wickr = new ScriptedUpstream();
        wickr.ThenAlways(200, GatewayFixture.Success);
        await using var gateway = GatewayHost.Start(wickr.Address, new() { ["Audit:Path"] = files.PathOf("audit.jsonl") }, services: services =>
        {
            services.AddHttpContextAccessor();
            services.AddSingleton<ILimitStore>(provider => new DisconnectedStore(provider.GetRequiredService<LocalLimitStore>(), provider.GetRequiredService<IHttpContextAccessor>()));
        });
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) })
        {
            await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
            await socket.SendAsync(Request(BulkResponse.Body(Enumerable.Range(1, 200))));
            var store = (DisconnectedStore)gateway.Services.GetRequiredService<ILimitStore>();
            await store.Reserving.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        var summary = await SummaryInAuditAsync(files);

        Assert.Equal(("disconnected", 200), (summary.GetProperty("stopped").GetString(), summary.GetProperty("notSent").GetInt32()));
        Assert.Empty(wickr.Received);
        using var client = gateway.Client();
        Assert.Contains("\"used\":0", await client.GetStringAsync("/whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_removed_while_the_body_is_sent_Begins_no_batch()
    {
        using var files = new TemporaryFiles();
        var callers = $$$$"""{"Callers":{"runaway":{"ApiKeySha256":["{{{{GatewayHost.Sha256("runaway-key")}}}}"],"Networks":["12345678"],"Actions":["suspend"]}}}""";
        var path = files.Write("callers.json", callers);
        await using var rig = new GatewayFixture(new(NoSuspendLimit) { ["Auth:CallersFile"] = path, ["Audit:Path"] = files.PathOf("audit.jsonl") });
        rig.Wickr.ThenAlways(200, GatewayFixture.Success);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(rig.Gateway.Address.Host, rig.Gateway.Address.Port);
        var request = Request(BulkResponse.Body(Enumerable.Range(1, 200)), "runaway-key", "Expect: 100-continue");
        await socket.SendAsync(request.AsMemory(0, request.Length - 1));
        // The gateway asks for the body: the caller is authenticated.
        var received = new byte[64];
        Assert.StartsWith("HTTP/1.1 100 ", Encoding.ASCII.GetString(received, 0, await socket.ReceiveAsync(received)), StringComparison.Ordinal);

        await File.WriteAllTextAsync(path, callers.Replace(GatewayHost.Sha256("runaway-key"), GatewayHost.Sha256("another"), StringComparison.Ordinal));
        using var another = rig.Gateway.Client("another");
        await HttpClientExtensions.UntilAsync(async () => (await another.GetAsync("/whoami")).IsSuccessStatusCode);
        await socket.SendAsync(request.AsMemory(request.Length - 1));

        Assert.Equal("unauthenticated", (await SummaryInAuditAsync(files)).GetProperty("stopped").GetString());
        Assert.Empty(rig.Wickr.Received);
    }

    /// <summary>A process that dies leaves its reservation for so long; a run must not outlast its own.</summary>
    [Fact]
    public async Task A_reservation_Lasts_as_long_as_a_run_with_a_slow_reader_can()
    {
        await using var rig = new GatewayFixture(new() { ["Wickr:TotalTimeout"] = "00:00:05", ["Wickr:AttemptTimeout"] = "00:00:02", ["RateLimit:PermitsPerSecond"] = "1" });

        Assert.True(rig.Gateway.Services.GetRequiredService<BulkRunner>().MaxDuration >= 100 * TimeSpan.FromSeconds(5 + 30 + 1));
    }

    private static byte[] Request(string body, string key = GatewayHost.AllPowerfulKey, string header = "Accept: */*") =>
        Encoding.ASCII.GetBytes($"POST {BulkResponse.Path} HTTP/1.1\r\nHost: a\r\nX-Api-Key: {key}\r\n{header}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>The local store, which takes so long to reserve that the caller has disconnected meanwhile.</summary>
    private sealed class DisconnectedStore(LocalLimitStore local, IHttpContextAccessor http) : ILimitStore
    {
        public TaskCompletionSource Reserving { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<RateState> AcquireAsync(RateLimit limit, string name) => local.AcquireAsync(limit, name);

        public async ValueTask<SuspendCounts> ReserveAsync(SuspendCharge charge)
        {
            var context = http.HttpContext!;
            Reserving.SetResult();
            await HttpClientExtensions.UntilAsync(() => context.RequestAborted.IsCancellationRequested && context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.SafeHandle.IsClosed);
            return await local.ReserveAsync(charge);
        }

        public ValueTask<SuspendCounts> PreviewAsync(SuspendCharge charge) => local.PreviewAsync(charge);

        public void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released) => local.Settle(charge, suspended, released);
    }

    /// <summary>How many batches were sent when the run waits for its reader.</summary>
    private static async Task<int> StalledAsync(GatewayFixture rig)
    {
        var (count, same) = (-1, 0);
        await HttpClientExtensions.UntilAsync(() =>
        {
            same = rig.Wickr.Received.Count == count ? same + 1 : 0;
            count = rig.Wickr.Received.Count;
            return same >= 100;
        });
        return count;
    }

    private static async Task<JsonElement> SummaryInAuditAsync(TemporaryFiles files)
    {
        string? line = null;
        await HttpClientExtensions.UntilAsync(() => (line = files.Lines("audit.jsonl").FirstOrDefault(line => line.Contains("\"summary\":", StringComparison.Ordinal))) is not null);
        return JsonDocument.Parse(line!).RootElement.GetProperty("summary");
    }
}
