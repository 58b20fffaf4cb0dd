using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>What of a caller's trace is told on, and what is not.</summary>
public sealed class TraceContextTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task The_callers_trace_id_is_in_the_problem()
    {
        await using var rig = new GatewayFixture();

        using var answer = await rig.Client.SendAsync(Traced("{}"));

        Assert.Contains($"\"traceId\":\"{TraceId}\"", (await Problem.OfAsync(answer)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_the_trace_leaves_for_Wickr_by_default()
    {
        await using var rig = new GatewayFixture();
        rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await rig.Client.SendAsync(Traced());

        Assert.DoesNotContain(Assert.Single(rig.Wickr.Received).Headers, header => header.Value.Contains(TraceId, StringComparison.Ordinal) || header.Key.StartsWith("trace", StringComparison.OrdinalIgnoreCase) || header.Key is "baggage" or "Correlation-Context");
    }

    [Fact]
    public async Task When_it_is_on_Wickr_is_told_the_trace_outside_the_signature_and_never_the_baggage()
    {
        await using var rig = new GatewayFixture(new() { ["Wickr:PropagateTraceContext"] = "true" });
        rig.Wickr.Then(200, GatewayFixture.Success);

        using var answer = await rig.Client.SendAsync(Traced());

        var received = Assert.Single(rig.Wickr.Received);
        Assert.StartsWith($"00-{TraceId}-", received.Header("traceparent"), StringComparison.Ordinal);
        Assert.DoesNotContain("00f067aa0ba902b7", received.Header("traceparent"), StringComparison.Ordinal);
        Assert.Equal("vendor=1", received.Header("tracestate"));
        Assert.DoesNotContain(received.Headers, header => header.Value.Contains("user=alice", StringComparison.Ordinal));
        Assert.DoesNotContain("trace", received.Header("Authorization"), StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(SigV4.Sign(received, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), received.Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_the_trace_goes_to_where_credentials_come_from()
    {
        await using var source = new ScriptedUpstream().Then(
            200,
            """{"AccessKeyId":"AKIDWICKRSIMULATOR00","SecretAccessKey":"wickr-simulator-demo-secret-access-key00","Token":"t","Expiration":"2199-01-01T00:00:00Z"}""",
            "Content-Type: application/json");
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{source.Address}credentials", ["AWS_EC2_METADATA_DISABLED"] = "true" });
        using var client = gateway.Client();

        using var answer = await client.SendAsync(Traced());

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.NotEmpty(source.Received);
        Assert.DoesNotContain(source.Received.SelectMany(request => request.Headers), header => header.Key is "traceparent" or "tracestate" or "Request-Id" || header.Value.Contains(TraceId, StringComparison.Ordinal));

        // And their end is on the page.
        var page = MetricsPage.Parse(await client.GetStringAsync(new Uri(gateway.Address, "/metrics")));
        Assert.InRange(page.Sum("wickr_gateway_credentials_expiry_seconds"), 1e9, 1e10);
    }

    private static HttpRequestMessage Traced(string body = GatewayFixture.ValidBody)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, GatewayFixture.Path) { Content = Json.Body(body) };
        request.Headers.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=1");
        request.Headers.Add("baggage", "user=alice");
        return request;
    }
}
